-- A bucket. Units come in at so many in so many microseconds. What gateways hold counts as if it
-- were still in it, so that all together never have more than the bucket.
local LOWERED = 5000000
local rate = tonumber(FIRST) / tonumber(SECOND)
local since = lost()
if since > 0 and since + most / rate > now then
  return answer(-1, 0, now, since + most / rate - now, 0, 0)
end

local level = tonumber(state.level or most)
local filled = tonumber(state.filled or now)
-- A raised limit has the difference at once; but not each time that a gateway asks that was told of
-- it, after one that was not: a lowered limit is raised again when nobody has asked with more for long.
local top = tonumber(state.top or most)
local high = tonumber(state.high or now)
if most >= top then
  level = level + most - top
  top = most
  high = now
elseif now - high > LOWERED then
  top = most
end
level = math.min(level, most)
local room = most - outstanding
if level < room then
  level = math.min(room, level + math.max(0, now - filled) * rate)
end

if mine_ends > now then
  outstanding = outstanding - mine + held
end
local function give_back(units)
  level = math.max(level, math.min(most - outstanding, level + units))
end
give_back(unheard)
if not known then
  level = math.max(-BIG, level - debt)
  for i = REFUNDS, #ARGV, 2 do
    give_back(tonumber(ARGV[i + 1]))
  end
end

local free = math.floor(level)
local grant = granted(free)
level = level - grant
outstanding = outstanding + grant
local until_ = grant > 0 and now + life or math.max(mine_ends, now)
holds(held + grant, until_, grant, 0)

local wait = math.max(0, least - level) / rate
if least > most - outstanding then
  wait = math.max(wait, math.max(latest, until_) - now)
end
local reset = math.max(0, most - level) / rate
redis.call('HSET', key, 'level', text(level), 'filled', text(now), 'top', text(top), 'high', text(high))
redis.call('PEXPIRE', key, text(math.ceil(math.min(BIG, reset + life + 2 * KEEP) / 1000)))
return answer(grant, 0, now + life, wait, level, reset)
