-- ARGV id, check
local job = find(ARGV[1])
if job and job.state == 'queued' then
  job.enqueued = 1
  save(job)
  checkAt(job.id, ARGV[2])
end
return {'ok'}
