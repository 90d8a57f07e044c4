-- A sliding window, in slots. Credit of a slot is used by the end of the next slot, so a slot
-- counts for one slot more than in one gateway.
local length = tonumber(FIRST)
local slots = tonumber(SECOND) + 2
local since = lost()
if since > 0 and since + slots * length > now then
  return answer(-1, 0, now, since + slots * length - now, 0, 0)
end

local slot = math.floor(now / length)
local taken = {}
local sum = 0
for field, value in pairs(state) do
  local at = tonumber(string.match(field, '^s:(%d+)$'))
  if at and at <= slot - slots then
    redis.call('HDEL', key, field)
  elseif at then
    taken[at] = tonumber(value)
    sum = sum + taken[at]
  end
end

local function add(at, units)
  taken[at] = (taken[at] or 0) + units
  sum = sum + units
  redis.call('HSET', key, 's:' .. text(at), text(taken[at]))
end

local function give_back(at, units)
  if taken[at] and units > 0 then
    add(at, -units)
  end
end
give_back(unheard_stamp, unheard)
if not known then
  if debt > 0 then
    add(slot, math.min(debt, BIG - sum))
  end
  for i = REFUNDS, #ARGV, 2 do
    give_back(tonumber(ARGV[i]), tonumber(ARGV[i + 1]))
  end
end

local grant = granted(most - sum)
if grant > 0 then
  add(slot, grant)
end
local ends = math.min(now + life, (slot + 2) * length)
holds(held + grant, ends, grant, slot)

local wait = 0
local missing = sum + least - most
local reset = 0
for at = slot - slots + 1, slot do
  local units = taken[at] or 0
  if missing > 0 then
    missing = missing - units
    wait = (at + slots) * length - now
  end
  if units > 0 then
    reset = (at + slots) * length - now
  end
end
redis.call('PEXPIRE', key, text(math.ceil((slots * length + 2 * KEEP) / 1000)))
return answer(grant, slot, ends, wait, most - sum, reset)
