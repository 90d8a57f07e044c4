-- ARGV id, reason
local job = find(ARGV[1])
if not job then
  return {'unknown'}
end
if not isOver(job) then
  job.epoch = job.epoch + 1
  job.last = ''
  finish(job, 'cancelled', ARGV[2])
end
return {'job', shown(job)}
