-- Requests under way of an account, as slots that gateways hold. Times are microseconds.
-- KEYS[1]  hash of the account: what each gateway holds, and until when by the clock of the hash
-- ARGV     gateway, number of its question, contact (when it first heard of this server, 0 if never),
--          slots that it may use until the answer, needs and wants, slots of all, expiry
-- Returns  slots that it holds from now on, the time until the server knows what others hold (0 if
--          it does), the time
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local key = KEYS[1]
local me = 'g:' .. ARGV[1]
local question = tonumber(ARGV[2])
local contact = tonumber(ARGV[3])
local use = tonumber(ARGV[4])
local need = tonumber(ARGV[5])
local want = tonumber(ARGV[6])
local most = tonumber(ARGV[7])
local expiry = tonumber(ARGV[8])

local function text(number)
  return string.format('%.17g', number)
end

local state = {}
local stored = redis.call('HGETALL', key)
for i = 1, #stored, 2 do
  state[stored[i]] = stored[i + 1]
end

-- The clock of the hash goes on by a third of the expiry at most from one question to the next: what
-- nobody could renew while the server stood still does not expire by that.
local last = tonumber(state.last or now)
local clock = tonumber(state.clock or 0) + math.min(math.max(0, now - last), expiry / 3)
local made = tonumber(state.made or now)

local others = 0
for field, value in pairs(state) do
  if string.sub(field, 1, 2) == 'g:' then
    local units, ends, number = string.match(value, '^(%S+) (%S+) (%S+)$')
    if field == me and tonumber(number) >= question then
      return { tonumber(units), 0, now } -- an older question that comes late
    elseif tonumber(ends) <= clock then
      redis.call('HDEL', key, field)
    elseif field ~= me then
      others = others + tonumber(units)
    end
  end
end

-- A server that has lost its data grants nothing until all that live have said what they hold.
local unknown = 0
if contact > 0 and now - made < 2 * expiry then
  local up = string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)')
  local started = (t[1] - up) * 1000000
  if started > contact then
    unknown = math.max(0, made + expiry / 2 - now)
  end
end

local hold = use
if unknown == 0 then
  local free = math.max(0, most - others)
  local spare = math.max(0, free - use)
  hold = math.max(use, math.min(want, free, math.max(need, use + math.ceil(spare / 2))))
end
if hold == 0 then
  redis.call('HDEL', key, me)
  -- a late question of a gateway that holds nothing takes slots at most until they expire
else
  redis.call('HSET', key, me, text(hold) .. ' ' .. text(clock + expiry) .. ' ' .. text(question))
end
redis.call('HSET', key, 'clock', text(clock), 'last', text(now), 'made', text(made))
redis.call('PEXPIRE', key, text(86400000 + math.ceil(expiry * 10 / 1000)))
return { hold, math.ceil(unknown), now }
