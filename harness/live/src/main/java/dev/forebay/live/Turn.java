package dev.forebay.live;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request of a plan: what to send, when, and what the right answer is.
 *
 * @param id sent as {@code x-request-id}; each further try adds its number
 * @param at when it arrives, in nanoseconds from the first arrival that counts; before that for
 *     warm-up
 * @param session the conversation whose turn it is; null if it stands alone
 * @param think the least time after the end of the turn before, in nanoseconds
 * @param patience how long after its arrival its caller leaves, in nanoseconds
 * @param key the API key of its tenant; null for none
 * @param address of the caller, as a proxy would name it; null for none
 * @param user name of the user in the body; null for none
 * @param priority 0 is the most urgent
 * @param model the model that is asked
 * @param stream whether the answer is to be streamed
 * @param tokens length of the prompt
 * @param prompt text that only equal prompts have in common
 * @param prefix hashes of the leading blocks of the prompt
 * @param block tokens of such a block
 * @param most tokens that the answer may have; 0 for as many as it takes
 * @param expected the {@code id} that each piece of the right answer carries; null if any is right
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record Turn(
    String id,
    long at,
    @Nullable String session,
    long think,
    long patience,
    @Nullable String key,
    @Nullable String address,
    @Nullable String user,
    int priority,
    String model,
    boolean stream,
    int tokens,
    String prompt,
    List<Long> prefix,
    int block,
    int most,
    @Nullable String expected) {}
