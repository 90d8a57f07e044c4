-- What the scripts of limits have in common. Times are microseconds of the server's clock.
-- KEYS[1]  hash of one limit of one key
-- ARGV     gateway, number of its question, of its last one whose answer it used, and of what it
--          settles, contact (when it first heard of this server, 0 if never), life of credit, credit
--          that it holds, debt to settle, least, need, want, most, two numbers of the limit, then
--          pairs of a stamp and the units that are given back to it
-- Returns  units granted (-1: not known yet, as the server has lost its data), their stamp and life,
--          time until `least` more are there, units left, time until nothing is taken, the time
local KEEP = 60000000
local BIG = 9000000000000000
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local key = KEYS[1]
local me = ARGV[1]
local question = tonumber(ARGV[2])
local heard = tonumber(ARGV[3])
local settles = tonumber(ARGV[4])
local contact = tonumber(ARGV[5])
local life = tonumber(ARGV[6])
local held = tonumber(ARGV[7])
local debt = tonumber(ARGV[8])
local least = tonumber(ARGV[9])
local need = tonumber(ARGV[10])
local want = tonumber(ARGV[11])
local most = tonumber(ARGV[12])
local FIRST = ARGV[13]
local SECOND = ARGV[14]
local REFUNDS = 15

local state = {}
local stored = redis.call('HGETALL', key)
for i = 1, #stored, 2 do
  state[stored[i]] = stored[i + 1]
end

local function text(number)
  return string.format('%.17g', number)
end

-- Since when the server may have lost what it knew, if it was started after the gateway had first
-- heard of it; 0 if it was not, or knows the key. It tells its start in whole seconds.
local function lost()
  if #stored > 0 or contact == 0 then
    return 0
  end
  local up = string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)')
  local started = (t[1] - up) * 1000000
  return started > contact and started + 1000000 or 0
end

-- Credit that gateways hold, as far as known; those that were not heard of for long are forgotten.
local outstanding = 0
local latest = 0
local known = false -- what this question settles has been counted
local settled = settles
local mine = 0
local mine_ends = 0
local unheard = 0 -- what was granted to a question whose answer the gateway does not use
local unheard_stamp = 0
for field, value in pairs(state) do
  if string.sub(field, 1, 2) == 'g:' then
    local number, counted, units, ends, grant, stamp =
      string.match(value, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
    ends = tonumber(ends)
    if field == 'g:' .. me then
      if tonumber(number) >= question then
        return { 0, 0, 0, 0, 0, 0, now } -- an older question that comes late: nobody waits for it
      end
      known = tonumber(counted) >= settles
      settled = math.max(settles, tonumber(counted))
      mine = tonumber(units)
      mine_ends = ends
      if tonumber(number) > heard then
        unheard = tonumber(grant)
        unheard_stamp = tonumber(stamp)
      end
    end
    if ends + KEEP < now then
      redis.call('HDEL', key, field)
    elseif ends > now then
      outstanding = outstanding + tonumber(units)
      latest = math.max(latest, ends)
    end
  end
end

-- Notes what this gateway holds from now on, until when, and what of it was granted now.
local function holds(units, ends, grant, stamp)
  redis.call('HSET', key, 'g:' .. me, table.concat({
    text(question), text(settled), text(units), text(ends), text(grant), text(stamp)
  }, ' '))
end

-- What is granted of so much that is free: what is needed, and what is wanted beyond it up to half.
local function granted(free)
  if want == 0 or free < least or free < 1 then
    return 0
  end
  return math.min(want, free, math.max(need, math.ceil(free / 2)))
end

local function answer(grant, stamp, ends, wait, left, reset)
  return {
    grant, stamp, math.max(0, ends - now), math.min(BIG, math.ceil(wait)),
    math.max(0, math.min(BIG, math.floor(left))), math.min(BIG, math.ceil(reset)), now
  }
end
