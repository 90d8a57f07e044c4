-- ARGV id
local job = find(ARGV[1])
return job and {'job', shown(job)} or {'unknown'}
