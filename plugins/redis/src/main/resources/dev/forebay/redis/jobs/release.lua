-- ARGV id, owner, epoch, grace
local job = held(ARGV[1], ARGV[2], ARGV[3])
if not job then
  return {again(ARGV[1], ARGV[2], ARGV[3], 'release') and 'yes' or 'no'}
end
job.state = 'queued'
job.attempts = job.attempts - 1
job.due = now
job.last = 'release'
save(job)
checkAt(job.id, now + ARGV[4])
return {'yes'}
