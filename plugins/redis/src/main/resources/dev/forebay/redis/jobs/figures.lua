-- Returns the earliest due time, and the number of jobs in each state
clean()
local first = redis.call('ZRANGE', base .. ':due', 0, 0, 'WITHSCORES')
local figures = {first[2] or '0'}
for _, state in ipairs(STATES) do
  figures[#figures + 1] = redis.call('ZCARD', key('s', state))
end
return figures
