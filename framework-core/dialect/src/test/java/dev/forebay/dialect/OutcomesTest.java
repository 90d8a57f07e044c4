package dev.forebay.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Status;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends an answer, what is an error, and what an error means: one table for both forms. */
final class OutcomesTest {

  private static final String WORD = "{'choices':[{'index':0,'delta':{'content':'Hi'}}]}";
  private static final String END = "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}";

  private static String json(String single) {
    return single.replace('\'', '"');
  }

  private static String event(String single) {
    return "data: " + json(single) + "\n\n";
  }

  /** Errors in every shape, and how they end a request: inside a 200, whole or as an event. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // a status in the body is taken as if it were the status
        "{'error':{'message':'bad tools','code':400}} | CALLER_FAULT 400 upstream_400",
        "{'error':{'message':'bad tools','code':'400'}} | CALLER_FAULT 400 upstream_400",
        "{'error':{'message':'bad tools','status':422}} | CALLER_FAULT 422 upstream_422",
        "{'error':{'message':'x','type':'BadRequestError','param':null,'code':400}} | CALLER_FAULT"
            + " 400 upstream_400",
        "{'error':{'message':'x','type':'invalid_request_error'}} | CALLER_FAULT 400 upstream_400",
        "{'object':'error','message':'x','type':'BadRequestError','code':400} | CALLER_FAULT 400"
            + " upstream_400",
        "{'code':400,'message':'x'} | CALLER_FAULT 400 upstream_400",
        "{'status':413,'message':'x'} | CALLER_FAULT 413 upstream_413",
        "{'statusCode':404,'message':'Resource not found'} | CALLER_FAULT 404 upstream_404",
        "{'code':'DataInspectionFailed','message':'x'} | CALLER_FAULT 400 upstream_400",
        // what concerns the account is not the caller's
        "{'error':{'message':'x','code':401}} | ACCOUNT_OUT 503 upstream_401",
        "{'error':{'message':'x','code':402}} | ACCOUNT_OUT 503 upstream_402",
        "{'error':{'message':'x','code':'403'}} | ACCOUNT_OUT 503 upstream_403",
        "{'error':{'message':'x','type':'authentication_error'}} | ACCOUNT_OUT 503 upstream_401",
        "{'error':{'message':'x','type':'invalid_request_error','code':'invalid_api_key'}} |"
            + " ACCOUNT_OUT 503 upstream_401",
        "{'error':{'message':'x','code':'insufficient_quota'}} | ACCOUNT_OUT 503 upstream_402",
        "{'code':'InvalidApiKey','message':'Invalid API-key provided.','request_id':'1'} |"
            + " ACCOUNT_OUT 503 upstream_401",
        "{'code':30001,'message':'Sorry, your account balance is insufficient','data':null} |"
            + " ACCOUNT_OUT 503 upstream_402",
        "{'error':{'code':400,'message':'API key not valid. Please pass a valid API"
            + " key.','status':'INVALID_ARGUMENT','details':[{'reason':'API_KEY_INVALID'}]}} |"
            + " ACCOUNT_OUT 503 upstream_401",
        "{'type':'error','error':{'type':'invalid_request_error','message':'Your credit balance is"
            + " too low to access the API.'}} | ACCOUNT_OUT 503 upstream_402",
        "{'error':{'message':'x','code':429}} | THROTTLED 503 upstream_429",
        "{'error':{'message':'x','type':'rate_limit_exceeded'}} | THROTTLED 503 upstream_429",
        "{'error':{'message':'x','status':'RESOURCE_EXHAUSTED'}} | THROTTLED 503 upstream_429",
        // what stands deeper in an error may repeat the request
        "{'error':{'message':'x','code':400,'param':{'reason':'insufficient_quota'}}} |"
            + " CALLER_FAULT 400 upstream_400",
        "{'error':{'message':'x','code':400,'details':[{'violations':[{'reason':'API_KEY_INVALID'}]}]}}"
            + " | CALLER_FAULT 400 upstream_400",
        "{'detail':{'msg':'x','code':400,'input':{'code':'insufficient_quota'}}} | CALLER_FAULT 400"
            + " upstream_400",
        "{'error':{'message':'x','code':403,'metadata':{'reasons':['violence'],'flagged_input':'…'}}}"
            + " | CALLER_FAULT 403 upstream_403",
        "{'error':{'message':'You may not use images','type':'permission_error','code':400}} |"
            + " CALLER_FAULT 400 upstream_400",
        "{'error':{'message':'x','type':'permission_error'}} | ACCOUNT_OUT 503 upstream_403",
        // lists of errors, as Cloudflare writes them
        "{'success':false,'errors':[{'code':3040,'message':'capacity'}],'result':null,'messages':[]}"
            + " | OVERLOADED 502 upstream_error",
        "{'errors':[{'message':'x'}]} | OVERLOADED 502 upstream_error",
        "{'errors':['busy']} | OVERLOADED 502 upstream_error",
        "{'errors':[{'status':'400','message':'x'}]} | CALLER_FAULT 400 upstream_400",
        "{'success':false} | OVERLOADED 502 upstream_error",
        "{'Error':{'Code':'Throttling','Message':'x'}} | THROTTLED 503 upstream_429",
        "{'error':{}} | OVERLOADED 502 upstream_error",
        // beside choices
        "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'base_resp':{'status_code':1013,'status_msg':'x'}}"
            + " | OVERLOADED 502 upstream_error",
        "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'code':500,'message':'x'} |"
            + " OVERLOADED 502 upstream_500",
        "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'object':'error'} | OVERLOADED"
            + " 502 upstream_error",
        "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'errors':[{'message':'x'}]} |"
            + " OVERLOADED 502 upstream_error",
        // endings of their own
        "{'error':{'message':'x','code':'context_length_exceeded'}} | CONTEXT_LENGTH 400"
            + " context_length_exceeded",
        "{'error':{'message':'context too long','code':400}} | CONTEXT_LENGTH 400"
            + " context_length_exceeded",
        "{'error':{'code':400,'message':'request (9 tokens) exceeds the available context size (8"
            + " tokens)','type':'exceed_context_size_error'}} | CONTEXT_LENGTH 400"
            + " context_length_exceeded",
        "{'object':'error','message':'This model\\'s maximum context length is 8"
            + " tokens.','type':'BadRequestError','code':400} | CONTEXT_LENGTH 400"
            + " context_length_exceeded",
        "{'error':{'message':'x','code':'model_not_found'}} | MODEL_MISSING 404 model_not_found",
        "{'code':20012,'message':'Model does not exist.','data':null} | MODEL_MISSING 404"
            + " model_not_found",
        "{'error':{'message':'Model Not"
            + " Exist','type':'invalid_request_error','code':'invalid_request_error'}} |"
            + " MODEL_MISSING 400 model_not_found",
        // the rest is overload
        "{'error':{'message':'busy'}} | OVERLOADED 502 upstream_error",
        "{'error':'busy'} | OVERLOADED 502 upstream_error",
        "{'error':true} | OVERLOADED 502 upstream_error",
        "{'error':{'param':'x'}} | OVERLOADED 502 upstream_error",
        "{'error':{'message':'x','code':503}} | OVERLOADED 503 upstream_503",
        "{'error':{'message':'x','type':'overloaded_error'}} | OVERLOADED 503 upstream_503",
        "{'error':{'message':'x','type':'server_error'}} | OVERLOADED 502 upstream_500",
        "{'code':50505,'message':'Model service overloaded.','data':null} | OVERLOADED 502"
            + " upstream_error",
        "{'code':-1,'msg':'x'} | OVERLOADED 502 upstream_error",
        "{'code':'unheard_of','message':'x','id':'1'} | OVERLOADED 502 upstream_error",
        "{'object':'error'} | OVERLOADED 502 upstream_error",
        "{'detail':'Internal'} | OVERLOADED 502 upstream_error",
        "{'detail':[{'loc':['body'],'msg':'field required'}]} | OVERLOADED 502 upstream_error",
        "{'message':'no healthy upstream'} | OVERLOADED 502 upstream_error",
        "{'status':'error','message':'x'} | OVERLOADED 502 upstream_error",
        "{'choices':[],'code':500,'message':'x'} | OVERLOADED 502 upstream_500",
        "{'choices':[{'index':0,'error':{'code':502,'message':'x'},'finish_reason':'error'}]} |"
            + " OVERLOADED 502 upstream_502",
        "{'choices':[{'index':0,'finish_reason':'error'}]} | OVERLOADED 502 upstream_error",
        "{'choices':[{'index':0,'finish_reason':'abort'}]} | OVERLOADED 502 upstream_error",
        "{'choices':[{'index':0,'finish_reason':'failed'}]} | OVERLOADED 502 upstream_error",
        "{'choices':[{'index':0,'finish_reason':'timeout'}]} | OVERLOADED 502 upstream_error",
        "{'choices':[{'index':0,'finish_reason':'Cancelled'}]} | OVERLOADED 502 upstream_error",
        "{'choices':[{'index':0,'finish_reason':'INSUFFICIENT_SYSTEM_RESOURCE'}]} | OVERLOADED 503"
            + " insufficient_system_resource",
        "{'choices':[{'index':0,'finish_reason':'insufficient_system_resource'},{'index':1,'finish_reason':'stop'}]}"
            + " | OVERLOADED 503 insufficient_system_resource",
      })
  void errorsInEveryShape(String error, String ending) {
    String body = json(error.replace("\\'", "`")).replace('`', '\'');
    assertEquals(ending, Still.whole(body).ending(), "whole");
    assertEquals(ending, Still.whole("\n \r\n" + body).ending(), "after blanks");
    String as = "data: " + body + "\n\n";
    assertEquals(ending, Still.stream(as).ending(), "as the first event");
    assertEquals(ending, Still.stream(event(WORD) + as).ending(), "after content");
    assertEquals(ending, Still.stream(event(END) + as).ending(), "after the end");
    assertEquals(ending, Still.stream(body).ending(), "whole, although a stream was asked for");
    assertEquals(ending, Still.whole(as).ending(), "an event, although none was asked for");
  }

  @Test
  void theCallerGetsTheUpstreamsWordsIfTheRequestIsAtFaultOnly() {
    String fault = json("{'error':{'message':'no such tool','code':400}}");
    Failure failure = Still.stream("data: " + fault + "\n\n").failure();
    assertNotNull(failure);
    assertEquals(fault, String.valueOf(failure.body()));
    assertEquals("no such tool", failure.getMessage());
    Failure account = Still.whole(json("{'error':{'message':'the words','code':401}}")).failure();
    assertNotNull(account);
    assertNull(account.body());
    assertFalse(String.valueOf(account.getMessage()).contains("words"));
  }

  /** Events that are no errors, though they have no choices. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'usage':{'prompt_tokens':3,'completion_tokens':1}}",
        "{'choices':[],'usage':{'prompt_tokens':3,'completion_tokens':1}}",
        "{'choices':[],'prompt_filter_results':[{'prompt_index':0,'content_filter_results':{}}]}",
        "{'id':'','object':'','model':'','choices':[]}",
        "{'error':null,'choices':[]}",
        "{'error':'','id':'1'}",
        "{'error':{},'id':'1'}",
        "{'errors':[],'id':'1'}",
        "{'success':true,'errors':[]}",
        "{'choices':[{'index':0,'delta':{}}],'error':{},'errors':null,'code':1,'message':'success'}",
        "{'choices':[{'index':0,'delta':{}}],'status':'queued','detail':{'a':1}}",
        "{'type':'ping'}",
        "{'event':'ping'}",
        "{'type':'ping','message':'still there'}",
        "{'status':'queued','message':'third in line'}",
        "{'code':0,'message':'ok'}",
        "{'code':200,'message':'working'}",
        "{'object':'chat.completion.chunk','id':'1','model':'m'}",
        "{'base_resp':{'status_code':0,'status_msg':''}}",
        "{}"
      })
  void eventsWithoutChoicesThatAreNone(String other) {
    String stream = event(WORD) + event(other) + event(END) + "data: [DONE]\n\n";
    assertEquals("OK", Still.stream(stream).ending());
    assertEquals(stream, Still.stream(stream).text());
    assertEquals("OK", Still.stream(event(other) + event(WORD) + event(END)).ending());
  }

  /** Errors that stand outside the data of an event: a field of their own, or bare JSON. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "error: {'code':400,'message':'no','type':'invalid_request_error'} | CALLER_FAULT 400"
            + " upstream_400",
        "error:{'code':503,'message':'busy'} | OVERLOADED 503 upstream_503",
        "error: {'message':'bo | OVERLOADED 502 upstream_error",
        "error: boom | OVERLOADED 502 upstream_error",
        "id: 1\\nerror: boom\\nretry: 5 | OVERLOADED 502 upstream_error",
        "{'error':{'code':400,'message':'no'}} | CALLER_FAULT 400 upstream_400",
        "{\\n  'error': {\\n    'code': 400\\n  }\\n} | CALLER_FAULT 400 upstream_400",
        "{'errors':[{'code':3040}]} | OVERLOADED 502 upstream_error",
        "data: {'choices':[]}\\nerror: {'code':429} | THROTTLED 503 upstream_429",
      })
  void errorsOutsideTheData(String lines, String ending) {
    String stray = json(lines.replace("\\n", "\n"));
    for (String end :
        new String[] {"\n\n", "\r\n\r\n", "\n\n" + event(END) + "data: [DONE]\n\n", ""}) {
      assertEquals(ending, Still.stream(event(WORD) + stray + end).ending(), "after content");
      assertEquals(ending, Still.stream(": ping\n\n" + stray + end).ending(), "first");
      assertEquals(ending, Still.whole(event(WORD) + stray + end).ending(), "of a whole");
    }
    Failure failure = Still.stream(": ping\n\n" + stray + "\n\n").failure();
    if (failure != null && failure.status().callersFault()) {
      assertEquals(
          stray.replaceFirst("^error: ?", ""), String.valueOf(failure.body()), "the same words");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"errors: none", "{'id':'1'}", "{not json", "<b>busy</b>", "x", "{'error':null}"})
  void linesThatNobodyKnowsAreNoErrors(String line) {
    String stray = json(line) + "\n\n";
    assertEquals(
        "OK", Still.stream(event(WORD) + stray + event(END) + "data: [DONE]\n\n").ending());
  }

  @Test
  void anEventThatIsNamedAnErrorIsOne() {
    for (String data : new String[] {"{}", "{'message':'x'}", "{'id':'1'}"}) {
      String stream = event(WORD) + "event: error\n" + event(data);
      assertEquals("OVERLOADED 502 upstream_error", Still.stream(stream).ending(), data);
    }
    String ping = "event: ping\n" + event("{'type':'ping'}");
    assertEquals("OK", Still.stream(ping + event(WORD) + event(END)).ending());
  }

  /** Each choice has its own end. */
  @ParameterizedTest
  @CsvSource({
    "0 0. , false, 1, OK",
    "0 0. , true, 1, OK",
    "0 1 0. , true, 1, cut",
    "0 1 0. , false, 1, cut",
    "0 1 0. 1. , true, 2, OK",
    "0 1 1. 0. , false, 2, OK",
    "0 0. , false, 2, cut", // the second has not even begun
    "0 0. , true, 2, OK", // its server has no n, and says that this is all
    "0 , true, 1, cut",
    "0 , false, 1, cut",
    "0. 0 , true, 1, OK", // filters of Azure come after the end
    "0_ 0. , true, 1, OK",
    "0_ , true, 1, cut"
  })
  void finishReasonsAreCountedForEachChoice(
      String events, boolean done, int choices, String ending) {
    StringBuilder stream = new StringBuilder();
    for (String event : events.split(" ")) {
      char mark = event.length() > 1 ? event.charAt(1) : ' ';
      String reason = mark == '.' ? "'stop'" : mark == '_' ? "''" : "null";
      stream.append(
          event(
              "{'choices':[{'index':"
                  + event.charAt(0)
                  + ",'delta':{'content':'x'},'finish_reason':"
                  + reason
                  + "}]}"));
    }
    Expected expected = new Expected(Operation.CHAT, true, () -> choices, false, false, 1 << 20);
    Still.Read read =
        Still.read(expected, Buffer.buffer(stream + (done ? "data: [DONE]\n\n" : "")), 7);
    assertEquals(ending.equals("OK") ? "OK" : "OVERLOADED 502 cut", read.ending());
    if (ending.equals("OK")) {
      assertTrue(read.text().endsWith("data: [DONE]\n\n"), read.text());
    }
  }

  @Test
  void aChoiceWithoutAnIndexIsKnownByItsPlace() {
    String both = "{'choices':[{'text':'a'},{'text':'b'}]}";
    String first = "{'choices':[{'text':'','finish_reason':'stop'}]}";
    String all = "{'choices':[{'finish_reason':'stop'},{'finish_reason':'length'}]}";
    assertEquals("OVERLOADED 502 cut", Still.stream(event(both) + event(first)).ending());
    assertEquals("OK", Still.stream(event(both) + event(all)).ending());
    assertEquals(
        "OVERLOADED 502 malformed", Still.stream(event("{'choices':[{'index':70000}]}")).ending());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'choices':[{'message':{'content':'x'},'finish_reason':'stop'}]} | OK",
        "{'choices':[{'message':{'content':'x'}}]} | OK", // as LocalAI answered
        "{'choices':[{'message':{'content':'x'},'finish_reason':null}]} | OVERLOADED 502 cut",
        "{'choices':[{'finish_reason':'stop'},{'message':{'content':'x'}}]} | OVERLOADED 502 cut",
        "{'choices':[{'index':0,'finish_reason':'stop'},{'index':1,'finish_reason':null}]} |"
            + " OVERLOADED 502 cut",
        "{'choices':[]} | OVERLOADED 502 empty",
        "{'choices':{'a':{'finish_reason':'stop'}}} | OVERLOADED 502 empty",
        "{'data':[1]} | OVERLOADED 502 empty",
        "{'data':null} | OVERLOADED 502 empty",
        "{} | OVERLOADED 502 empty",
        "[] | OVERLOADED 502 malformed",
        "{'choices':[ | OVERLOADED 502 malformed",
        "{'choices':[{'finish_reason':'stop'}]} {} | OVERLOADED 502 malformed",
        "true | OVERLOADED 502 malformed",
        "<html> | OVERLOADED 502 malformed"
      })
  void endsOfWholeAnswers(String answer, String ending) {
    for (int pieces = 1; pieces < 10; pieces++) {
      Expected expected = new Expected(Operation.CHAT, false, () -> 1, false, false, 1 << 20);
      assertEquals(ending, Still.read(expected, Buffer.buffer(json(answer)), pieces).ending());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'data':[{'embedding':[0.1]}]} | OK",
        "{'data':[]} | OK",
        "{'data':null,'code':50505,'message':'x'} | OVERLOADED 502 upstream_error",
        "{'data':[],'code':400,'message':'x'} | CALLER_FAULT 400 upstream_400",
        "{'choices':[{'finish_reason':'stop'}]} | OVERLOADED 502 empty"
      })
  void endsOfEmbeddings(String answer, String ending) {
    Expected expected = new Expected(Operation.EMBEDDING, false, () -> 1, false, false, 1 << 20);
    assertEquals(ending, Still.read(expected, Buffer.buffer(json(answer)), 5).ending());
  }

  /** Refusals: the status counts, but for what is said precisely. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "400 | {'error':{'message':'bad'}} | CALLER_FAULT 400",
        "400 | {'error':{'message':'x','code':503}} | CALLER_FAULT 400",
        "400 | {'error':{'message':'Incorrect API key provided: sk-1','code':'invalid_api_key'}} |"
            + " ACCOUNT_OUT 503",
        "400 | {'error':{'message':'Invalid API key'}} | ACCOUNT_OUT 503",
        "404 | {'error':{'message':'litellm.BadRequestError: AnthropicException - Your credit"
            + " balance is too low'}} | ACCOUNT_OUT 503",
        "403 | {'message':'Insufficient balance'} | ACCOUNT_OUT 503",
        "400 | [{'error':{'code':400,'message':'API key not valid. Please pass a valid API key.'}}]"
            + " | ACCOUNT_OUT 503",
        "400 | {'error':{'message':'The model `invalid api key` is bad'}} | CALLER_FAULT 400",
        "400 | {'error':{'message':'tools[0].name: your credit is used up'}} | CALLER_FAULT 400",
        "400 | {'error':{'message':'x','code':'context_length_exceeded'}} | CONTEXT_LENGTH 400",
        "413 | {'error':{'message':'Prompt contains 9 tokens, too large for model with 8 maximum"
            + " context length'}} | CONTEXT_LENGTH 413",
        "422 | {'error':'Input validation error: `inputs` tokens + `max_new_tokens` must be <="
            + " 8','error_type':'validation'} | CONTEXT_LENGTH 422",
        "400 | {'error':{'message':'prompt is too long: 9 tokens > 8 maximum'}} | CONTEXT_LENGTH"
            + " 400",
        "500 | {'error':{'message':'context length exceeded'}} | OVERLOADED 502",
        "404 | {'error':{'message':'The model `m` does not exist','code':'model_not_found'}} |"
            + " MODEL_MISSING 404",
        "404 | {'object':'error','message':'The model `m` does not"
            + " exist.','type':'NotFoundError','code':404} | MODEL_MISSING 404",
        "404 | {'error':'model m not found, try pulling it first'} | MODEL_MISSING 404",
        "404 | model 'm' not found | MODEL_MISSING 404",
        "404 | 404 page not found | CALLER_FAULT 404",
        "404 | <html>no model found</html> | CALLER_FAULT 404",
        "403 | {'error':{'message':'x','code':'content_policy_violation'}} | CALLER_FAULT 403",
        "403 | {'error':{'message':'Project p has no access to model m','code':'model_not_found'}}"
            + " | MODEL_MISSING 403",
        "400 | {'error':{'message':'no images','type':'permission_error'}} | CALLER_FAULT 400",
        "400 | {'error':{'message':'x','param':{'reason':'insufficient_quota'}}} | CALLER_FAULT"
            + " 400",
        "400 | {'message':'x','errors':[{'param':{'code':'invalid_api_key'}}]} | CALLER_FAULT 400",
        "405 | x | INTERNAL 502",
        "411 | x | INTERNAL 502",
        "426 | x | INTERNAL 502",
        "431 | x | INTERNAL 502",
        "421 | x | OVERLOADED 502",
        "498 | x | OVERLOADED 502",
        "499 | x | OVERLOADED 502",
        "415 | x | CALLER_FAULT 415",
        "429 | {'error':{'message':'You exceeded your current"
            + " quota','code':429,'status':'RESOURCE_EXHAUSTED'}} | THROTTLED 503",
        "429 | {'error':{'message':'x','code':'insufficient_quota'}} | ACCOUNT_OUT 503",
        "401 | {'error':'x'} | ACCOUNT_OUT 503",
        "503 | {'error':{'code':400}} | OVERLOADED 503",
        "529 | x | OVERLOADED 503",
        "302 | x | OVERLOADED 502",
        "408 | x | OVERLOADED 502"
      })
  void refusalsByStatusAndWords(int status, String body, String ending) {
    String said = body.contains("model 'm'") ? body : json(body);
    Failure failure = Faults.of(status, Buffer.buffer(said));
    assertEquals(ending, failure.status() + " " + failure.httpStatus());
    assertEquals(failure.status().callersFault(), failure.body() != null);
    assertTrue(Faults.of(status, null).body() == null);
  }

  /** What real servers say of a model that they do not have. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        // OpenAI
        "404 | {'error':{'message':'The model `m` does not exist or you do not have access to it.',"
            + "'type':'invalid_request_error','param':null,'code':'model_not_found'}}",
        // vLLM
        "404 | {'object':'error','message':'The model `org/m` does not exist.','type':"
            + "'NotFoundError','param':null,'code':404}",
        "404 | {'error':{'message':'The model `m` does not exist.','type':'NotFoundError','param':"
            + "'model','code':404}}",
        // Ollama
        "404 | {'error':{'message':'model \\'m:7b\\' not found, try pulling it first','type':"
            + "'api_error','param':null,'code':null}}",
        "404 | {'error':'model \\'m\\' not found'}",
        "404 | {'error':{'message':'model \\'m\\' not found','type':'not_found_error'}}",
        // llama.cpp
        "404 | {'error':{'code':404,'message':'model not found','type':'not_found_error'}}",
        "400 | {'error':{'code':400,'message':'model not found','type':'invalid_request_error'}}",
        "400 | {'error':{'code':400,'message':'model name=m is not found','type':"
            + "'invalid_request_error'}}",
        // DeepSeek
        "400 | {'error':{'message':'Model Not Exist','type':'invalid_request_error','param':null,"
            + "'code':'invalid_request_error'}}",
        // Anthropic, Google, Moonshot, SiliconFlow, LiteLLM before vLLM
        "404 | {'type':'error','error':{'type':'not_found_error','message':'model: claude-x'}}",
        "404 | {'error':{'code':404,'message':'models/m is not found for API version v1beta, or is"
            + " not supported','status':'NOT_FOUND'}}",
        "404 | {'error':{'message':'Not found the model m or Permission denied','type':"
            + "'resource_not_found_error'}}",
        "400 | {'code':20012,'message':'Model does not exist. Please check it carefully.'}",
        "404 | {'error':{'message':'litellm.NotFoundError: OpenAIException - The model `m` does not"
            + " exist.'}}"
      })
  void aModelThatIsMissing(int status, String body) {
    Failure failure = Faults.of(status, words(body));
    assertEquals(Status.MODEL_MISSING, failure.status(), body);
    assertEquals(status, failure.httpStatus());
  }

  /** Errors that hold the name of a model, or the word, and are about something else. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "404 | {'error':{'message':'No thread for model `m` was found: thread not found'}}",
        "404 | {'error':{'message':'Image not found (model: my-model)'}}",
        "404 | {'error':{'message':'File model.txt not found','type':'not_found_error'}}",
        "404 | {'error':{'message':'The model `m` has no tool search: tool not found'}}",
        "404 | {'error':{'message':'The model `m` exists, its adapter does not exist'}}",
        "404 | {'error':{'message':'model m cannot be used here: route not found'}}",
        "404 | {'error':{'message':'Not Found: POST /v1/chat/completions of model m'}}",
        "404 | {'error':{'message':'conversation conv_1 not found','model':'m','code':"
            + "'conversation_not_found'}}",
        "404 | {'detail':'Not Found','model':'the model m does not exist'}",
        "404 | {'error':{'message':'x','metadata':{'raw':'model m not found'}}}",
        "404 | {'error':{'message':'model: m does not take images, url not found','type':"
            + "'not_found_error'}}",
        "400 | {'error':{'message':'The model `m` does not support tools; unknown model option'}}",
        "422 | {'error':{'message':'The model `m` does not exist'}}"
      })
  void anErrorThatIsNotAboutTheModel(int status, String body) {
    assertEquals(Status.CALLER_FAULT, Faults.of(status, words(body)).status(), body);
  }

  /** In JSON with single quotes, in which a backslash stands before those that are meant. */
  private static Buffer words(String body) {
    return Buffer.buffer(json(body.replace("\\'", "\0")).replace('\0', '\''));
  }

  /** MiniMax tells in a 200, by codes of its own, what no other server means by them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1026 | input new_sensitive | CALLER_FAULT 400 upstream_400", // the prompt is filtered
        "1027 | output new_sensitive | CALLER_FAULT 400 upstream_400", // the answer is
        "2013 | invalid params | CALLER_FAULT 400 upstream_400",
        "1002 | rate limit | THROTTLED 503 upstream_429",
        "1039 | token limit | THROTTLED 503 upstream_429",
        "1004 | not authorized | ACCOUNT_OUT 503 upstream_401",
        "2049 | invalid key | ACCOUNT_OUT 503 upstream_401",
        "1008 | insufficient balance | ACCOUNT_OUT 503 upstream_402",
        "1000 | unknown error | OVERLOADED 502 upstream_error"
      })
  void codesOfMiniMax(int code, String message, String ending) {
    String none =
        json(
            "{'id':'1','choices':null,'base_resp':{'status_code':%d,'status_msg':'%s'}}"
                .formatted(code, message));
    assertEquals(ending, Still.whole(none).ending());
    assertEquals(ending, Still.stream("data: " + none + "\n\n").ending());
    String other = json("{'id':'1','error':{'code':%d,'message':'x'}}".formatted(code));
    assertEquals("OVERLOADED 502 upstream_error", Still.whole(other).ending(), "of another");
  }

  /** Only what no caller can cause takes an account out until somebody reloads it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "401 | x | true",
        "402 | <html> | true",
        "403 | {'error':{'message':'x','code':'invalid_api_key'}} | true",
        "403 | {'error':{'message':'x','code':'insufficient_quota'}} | true",
        "400 | {'error':{'message':'x','details':[{'reason':'API_KEY_INVALID'}]}} | true",
        "429 | {'error':{'message':'x','code':'insufficient_quota'}} | true",
        "200 | {'error':{'message':'x','code':401}} | true",
        "200 | {'error':{'message':'x','code':'402'}} | true",
        // an upstream that begins its message with the name of the caller's model
        "400 | {'error':{'message':'invalid api key is not a valid model ID','code':400}} | false",
        "404 | {'error':{'message':'Your credit: no such model'}} | false",
        "200 | {'error':{'message':'Your credit is not a model'}} | false",
        // what a prompt can cause
        "403 | <!DOCTYPE html><title>Attention Required!</title> | false",
        "403 | | false",
        "403 | {'error':{'message':'Your input was flagged','code':403}} | false",
        "403 | {'error':{'message':'x','type':'permission_error'}} | false",
        "200 | {'error':{'message':'x','code':403}} | false"
      })
  void anAccountIsOutForGoodOnlyByWhatNoCallerCanCause(
      int status, @Nullable String body, boolean forGood) {
    String said = body == null ? "" : json(body);
    Failure failure =
        status == 200 ? Still.whole(said).failure() : Faults.of(status, Buffer.buffer(said));
    assertNotNull(failure);
    assertEquals(Status.ACCOUNT_OUT, failure.status());
    assertEquals(forGood ? -1 : Faults.DOUBT.toNanos(), failure.retryAfterNanos());
  }

  @Test
  void wordsBeyondTheirBoundAreNeitherReadNorKept() {
    Failure failure = Faults.of(400, Buffer.buffer(json("{'error':'" + "x".repeat(70_000) + "'}")));
    assertEquals(Status.CALLER_FAULT, failure.status());
    assertNull(failure.body());
    assertTrue(String.valueOf(failure.getMessage()).length() < 300);
  }
}
