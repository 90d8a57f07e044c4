-- ARGV id, check
local job = find(ARGV[1])
if job then
  checkAt(job.id, ARGV[2])
end
return {'ok'}
