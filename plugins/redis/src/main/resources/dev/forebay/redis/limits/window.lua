-- A sliding window, in slots. Credit of a slot is used by the end of the next slot, so a slot
-- counts for one slot more than in one gateway.
local length = tonumber(ARGV[11])
local slots = tonumber(ARGV[12]) + 2
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

if not known then
  if debt > 0 then
    add(slot, math.min(debt, BIG - sum))
  end
  for i = REFUNDS, #ARGV, 2 do
    if taken[tonumber(ARGV[i])] then
      add(tonumber(ARGV[i]), -tonumber(ARGV[i + 1]))
    end
  end
end

local grant = granted(most - sum)
if grant > 0 then
  add(slot, grant)
end
local ends = math.min(now + life, (slot + 2) * length)
holds(held + grant, ends)

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
