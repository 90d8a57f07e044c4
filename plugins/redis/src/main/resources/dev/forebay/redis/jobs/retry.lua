-- ARGV id, owner, epoch, due, grace, reason
local step = 'retry ' .. ARGV[4]
local job = held(ARGV[1], ARGV[2], ARGV[3])
if not job then
  return {again(ARGV[1], ARGV[2], ARGV[3], step) and 'yes' or 'no'}
end
job.state = 'queued'
job.due = ARGV[4]
job.reason = ARGV[6]
job.last = step
save(job)
checkAt(job.id, ARGV[4] + ARGV[5])
return {'yes'}
