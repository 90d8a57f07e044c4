-- ARGV id, owner, epoch, lease
local job = held(ARGV[1], ARGV[2], ARGV[3])
if not job then
  return {'no'}
end
job.lease = now + ARGV[4]
save(job)
checkAt(job.id, job.lease)
return {'yes'}
