-- ARGV id, owner, epoch, number of the first, pieces
-- Returns yes, no, or gap with the number that was expected at most
local job = held(ARGV[1], ARGV[2], ARGV[3])
if not job then
  return {'no'}
end
local next = job.events + 1
local first = tonumber(ARGV[4])
if first < 1 or first > next then
  return {'gap', next}
end
for i = 5 + next - first, #ARGV do
  redis.call('RPUSH', key('e', job.id), ARGV[i])
  job.events = job.events + 1
end
save(job)
tell(job.id)
return {'yes'}
