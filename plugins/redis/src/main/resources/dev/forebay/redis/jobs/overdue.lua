-- ARGV most, time until the next check
clean()
local found = {'jobs'}
local ids = redis.call('ZRANGEBYSCORE', base .. ':checks', '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(ids) do
  local job = find(id)
  if job then
    checkAt(id, now + math.max(1, tonumber(ARGV[2])))
    found[#found + 1] = shown(job)
  else
    redis.call('ZREM', base .. ':checks', id)
  end
end
return found
