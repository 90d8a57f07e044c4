-- Requests under way of an account, as slots that gateways hold. Times are microseconds.
-- KEYS[1]  hash of the account: what each gateway holds ('g:'), and until when by the clock of the
--          hash; which gateways wait for slots ('w:'), until when
-- ARGV     gateway, number of its question, contact (when it first heard of this server, 0 if never),
--          slots that it may use until the answer, needs and wants, slots of all, expiry, 1 if
--          requests wait at it
-- Returns  slots that it holds from now on, the time until the server knows what others hold (0 if
--          it does), the time, slots of which it may make use while others wait
local WAITS = 1000000
local TURN = 1000000
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local key = KEYS[1]
local me = 'g:' .. ARGV[1]
local waiting = 'w:' .. ARGV[1]
local question = tonumber(ARGV[2])
local contact = tonumber(ARGV[3])
local use = tonumber(ARGV[4])
local need = tonumber(ARGV[5])
local want = tonumber(ARGV[6])
local most = tonumber(ARGV[7])
local expiry = tonumber(ARGV[8])
local waits = ARGV[9] == '1'

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
local demands = {} -- of all gateways, by name
local contended = false -- requests wait at another gateway
for field, value in pairs(state) do
  if string.sub(field, 1, 2) == 'g:' then
    local units, ends, number = string.match(value, '^(%S+) (%S+) (%S+)$')
    if field == me and tonumber(number) >= question then
      return { tonumber(units), 0, now, most } -- an older question that comes late
    elseif tonumber(ends) <= clock then
      redis.call('HDEL', key, field)
    elseif field ~= me then
      others = others + tonumber(units)
      local name = string.sub(field, 3)
      demands[name] = math.max(demands[name] or 0, tonumber(units))
    end
  elseif string.sub(field, 1, 2) == 'w:' then
    if tonumber(value) <= clock then
      redis.call('HDEL', key, field)
    elseif field ~= waiting then
      demands[string.sub(field, 3)] = most
      contended = true
    end
  end
end
demands[ARGV[1]] = waits and most or math.min(need, most)

-- What this gateway may use while others wait: those that need less than an equal part have what they
-- need, the others have equal parts of the rest. If there are fewer slots than gateways, they take turns.
local function part()
  local left = most
  local count = 0
  for _ in pairs(demands) do
    count = count + 1
  end
  local again = true
  while again do
    again = false
    for name, demand in pairs(demands) do
      if demand * count <= left then
        if name == ARGV[1] then
          return demand
        end
        left = left - demand
        count = count - 1
        demands[name] = nil
        again = true
      end
    end
  end
  local rank = 0
  for name in pairs(demands) do
    if name < ARGV[1] then
      rank = rank + 1
    end
  end
  local each = math.floor(left / count)
  local turn = each == 0 and math.floor(clock / TURN) or 0
  return each + ((rank + turn) % count < left % count and 1 or 0)
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
local may = contended and unknown == 0 and part() or most
if unknown == 0 then
  local free = math.max(0, most - others)
  local spare = math.max(0, free - use)
  hold = math.max(use, math.min(want, free, may, math.max(need, use + math.floor(spare / 2))))
end
if hold == 0 then
  redis.call('HDEL', key, me)
  -- a late question of a gateway that holds nothing takes slots at most until they expire
else
  redis.call('HSET', key, me, text(hold) .. ' ' .. text(clock + expiry) .. ' ' .. text(question))
end
if waits and hold < need then
  redis.call('HSET', key, waiting, text(clock + WAITS))
elseif state[waiting] then
  redis.call('HDEL', key, waiting)
end
redis.call('HSET', key, 'clock', text(clock), 'last', text(now), 'made', text(made))
redis.call('PEXPIRE', key, text(86400000 + math.ceil(expiry * 10 / 1000)))
return { hold, math.ceil(unknown), now, may }
