-- ARGV id
local job = find(ARGV[1])
if job and tonumber(job.epoch) == 0 and job.enqueued == '0' then
  forget(job.id, job)
  tell(job.id)
  return {'yes'}
end
return {'no'}
