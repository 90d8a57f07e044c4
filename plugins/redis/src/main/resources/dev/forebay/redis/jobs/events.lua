-- ARGV id, number of the last one that is known, most, most bytes
local job = find(ARGV[1])
if not job then
  return {'unknown'}
end
local after = math.max(0, tonumber(ARGV[2]))
local found = {}
local bytes = 0
for i = after, math.min(job.events - 1, after + ARGV[3] - 1) do
  local event = redis.call('LINDEX', key('e', job.id), i)
  bytes = bytes + #event
  if bytes > tonumber(ARGV[4]) and #found > 0 then
    break
  end
  found[#found + 1] = event
end
return {'events', shown(job), found}
