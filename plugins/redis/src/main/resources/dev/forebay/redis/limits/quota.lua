-- What may be used in an hour, a day or a month of the calendar, in UTC.
local DAY = 86400

-- The days from 1970 to the first of a month; months count from January of the year 0.
local function days(month)
  local year = math.floor(month / 12)
  local before = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 }
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  local whole = 365 * year + math.floor((year + 3) / 4) - math.floor((year + 99) / 100)
    + math.floor((year + 399) / 400) - 719528
  return whole + before[month % 12 + 1] + ((leap and month % 12 > 1) and 1 or 0)
end

local function bounds(period)
  local second = tonumber(t[1])
  if period ~= 'month' then
    local length = period == 'hour' and 3600 or DAY
    local begins = math.floor(second / length) * length
    return begins * 1000000, (begins + length) * 1000000
  end
  local day = math.floor(second / DAY)
  local month = math.floor((day + 719528) / 30.436875) - 2
  while days(month + 1) <= day do
    month = month + 1
  end
  return days(month) * DAY * 1000000, days(month + 1) * DAY * 1000000
end

local begins, over = bounds(FIRST)
local since = lost()
if since > begins then
  return answer(-1, 0, now, over - now, 0, 0)
end

local taken = tonumber(state.begins or 0) == begins and tonumber(state.taken) or 0
local function give_back(stamp, units)
  if stamp == begins then
    taken = math.max(0, taken - units)
  end
end
give_back(unheard_stamp, unheard)
if not known then
  taken = taken + math.min(debt, BIG - taken)
  for i = REFUNDS, #ARGV, 2 do
    give_back(tonumber(ARGV[i]), tonumber(ARGV[i + 1]))
  end
end
local grant = granted(most - taken)
taken = taken + grant
local ends = math.min(now + life, over)
holds(held + grant, ends, grant, begins)
redis.call('HSET', key, 'begins', text(begins), 'taken', text(taken))
redis.call('PEXPIRE', key, text(math.ceil((over - now + 2 * KEEP) / 1000)))
local wait = taken + least > most and over - now or 0
return answer(grant, begins, ends, wait, most - taken, taken > 0 and over - now or 0)
