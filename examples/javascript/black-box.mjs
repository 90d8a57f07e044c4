// The official OpenAI client for JavaScript against a served gateway:
//   npm install && npm test
// Starts two emulated upstreams, a tiny one that calls tools, and the gateway of gateway.yaml, all on free ports.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";

const here = fileURLToPath(new URL(".", import.meta.url));
const forebay = process.env.FOREBAY ?? fileURLToPath(new URL("../../forebay", import.meta.url));
const children = [];

async function start(environment, ...args) {
  const child = spawn(forebay, args, { cwd: here, env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /^forebay: listening on (\S+)/.exec(line);
    if (found) {
      child.stdout.resume();
      return found[1];
    }
  }
  throw new Error(`${args.join(" ")} did not start`);
}

// Calls the first tool that it is offered, and says what the tool said.
async function toolsUpstream() {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const asked = JSON.parse(body);
    const last = asked.messages.at(-1);
    const call = { id: "call_1", type: "function", function: { name: asked.tools[0].function.name, arguments: '{"city": "Graz"}' } };
    const message = last.role === "tool"
      ? { role: "assistant", content: `It is ${last.content}` }
      : { role: "assistant", content: null, tool_calls: [call] };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ id: "x", object: "chat.completion", created: 1, model: "tools",
      choices: [{ index: 0, message, finish_reason: message.tool_calls ? "tool_calls" : "stop" }] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}

const messages = [{ role: "user", content: "hello" }];
const model = "deepseek-flash";
const upstream = await start({}, "emulate");
const broken = await start({}, "emulate", "broken.yaml");
const gateway = await start(
  { UPSTREAM: upstream, BROKEN_UPSTREAM: broken, TOOLS_UPSTREAM: await toolsUpstream() }, "serve", "gateway.yaml");
const client = (apiKey, maxRetries = 0) => new OpenAI({ baseURL: `${gateway}/v1`, apiKey, maxRetries });
const js = client("sk-js");

async function log(kind) {
  const events = await (await fetch(`${upstream}/emulator/log`)).json();
  return events.filter((event) => event.kind === kind).length;
}

const checks = {
  async "a whole answer"() {
    const answer = await js.chat.completions.create({ model, messages, max_completion_tokens: 7 });
    assert.equal(answer.usage.completion_tokens, 7);
    assert.ok(answer.choices[0].message.content.length > 0);
  },
  async "a stream, with its usage"() {
    const stream = await js.chat.completions.create({ model, messages, max_completion_tokens: 7, stream: true, stream_options: { include_usage: true } });
    let text = "";
    let usage;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      usage = chunk.usage ?? usage;
    }
    assert.ok(text.length > 0);
    assert.equal(usage.completion_tokens, 7);
  },
  async "a tool is called, and what it said is told"() {
    const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } } }];
    const called = (await js.chat.completions.create({ model: "tools", messages, tools })).choices[0].message;
    assert.deepEqual(JSON.parse(called.tool_calls[0].function.arguments), { city: "Graz" });
    const told = [...messages, called, { role: "tool", tool_call_id: called.tool_calls[0].id, content: "sunny" }];
    const answer = await js.chat.completions.create({ model: "tools", messages: told, tools });
    assert.equal(answer.choices[0].message.content, "It is sunny");
  },
  async "embeddings"() {
    const answer = await js.embeddings.create({ model, input: ["one", "two"] });
    assert.equal(answer.data.length, 2);
    assert.ok(answer.data[0].embedding.length > 1);
  },
  async "models of a key"() {
    const ids = [];
    for await (const one of client("sk-small").models.list()) ids.push(one.id);
    assert.deepEqual(ids, [model]);
  },
  async "errors have their classes"() {
    const ask = (key, body) => client(key).chat.completions.create({ model, messages, max_completion_tokens: 3, ...body });
    await assert.rejects(ask("sk-nobody"), OpenAI.AuthenticationError);
    await assert.rejects(ask("sk-small", { model: "tools" }), OpenAI.PermissionDeniedError);
    await assert.rejects(ask("sk-js", { model: "nope" }), OpenAI.NotFoundError);
    await assert.rejects(ask("sk-js", { max_completion_tokens: -1 }), OpenAI.BadRequestError);
  },
  async "a stream that breaks after content is an APIError"() {
    const stream = await js.chat.completions.create({ model: "deepseek-v4-pro", messages, max_completion_tokens: 50, stream: true });
    let chunks = 0;
    await assert.rejects(async () => { for await (const _ of stream) chunks++; }, OpenAI.APIError);
    assert.ok(chunks > 0);
  },
  async "a 429 is tried again when it says"() {
    const patient = client("sk-twice", 2);
    const asks = Array.from({ length: 51 }, () => patient.chat.completions.create({ model, messages, max_completion_tokens: 1 }));
    const answers = await Promise.all(asks);
    assert.equal(answers.length, 51);
  },
  async "a caller who leaves stops the upstream"() {
    const before = await log("cancelled");
    const stream = await js.chat.completions.create({ model, messages, max_completion_tokens: 1_000_000, stream: true });
    for await (const _ of stream) break;
    for (let tries = 0; (await log("cancelled")) === before; tries++) {
      assert.ok(tries < 200, "the upstream did not hear of it in 10 s");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok      ${name}`);
  } catch (e) {
    failed++;
    console.log(`FAILED  ${name}: ${e.stack ?? e}`);
  }
}
children.forEach((child) => child.kill("SIGTERM"));
const version = JSON.parse(readFileSync(new URL("node_modules/openai/package.json", import.meta.url))).version;
console.log(`${Object.keys(checks).length - failed} of ${Object.keys(checks).length} hold; openai ${version}, node ${process.version}`);
process.exitCode = failed === 0 ? 0 : 1;
