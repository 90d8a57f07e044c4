-- A bucket. Units come in at so many in so many microseconds. What gateways hold counts as if it
-- were still in it, so that all together never have more than the bucket.
local rate = tonumber(ARGV[11]) / tonumber(ARGV[12])
local since = lost()
if since > 0 and since + most / rate > now then
  return answer(-1, 0, now, since + most / rate - now, 0, 0)
end

local level = tonumber(state.level or most)
local filled = tonumber(state.filled or now)
local top = tonumber(state.top or most)
local room = most - outstanding
if level < room then
  level = math.min(room, level + math.max(0, now - filled) * rate)
end
if most > top then
  level = level + most - top
  top = most
end

local mine = string.match(state['g:' .. me] or '', '^%d+ (%d+) %d+$')
local ends = tonumber(string.match(state['g:' .. me] or '', '(%d+)$') or 0)
if ends > now then
  outstanding = outstanding - tonumber(mine) + held
end
if not known then
  level = math.max(-BIG, level - debt)
  for i = REFUNDS, #ARGV, 2 do
    level = math.max(level, math.min(most - outstanding, level + tonumber(ARGV[i + 1])))
  end
end

local free = math.floor(level)
local grant = granted(free)
level = level - grant
outstanding = outstanding + grant
local until_ = grant > 0 and now + life or math.max(ends, now)
holds(held + grant, until_)

local wait = math.max(0, least - level) / rate
if least > most - outstanding then
  wait = math.max(wait, math.max(latest, until_) - now)
end
local reset = math.max(0, most - level) / rate
redis.call('HSET', key, 'level', text(level), 'filled', text(now), 'top', text(top))
redis.call('PEXPIRE', key, text(math.ceil(math.min(BIG, reset + life + 2 * KEEP) / 1000)))
return answer(grant, 0, now + life, wait, level, reset)
