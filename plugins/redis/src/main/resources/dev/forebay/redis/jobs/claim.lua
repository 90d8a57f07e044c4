-- ARGV id, owner, lease
local job = find(ARGV[1])
if not job then
  return {'unknown'}
end
if isOver(job) then
  return {'over', shown(job)}
end
local free = tonumber(job.state == 'queued' and job.due or job.lease)
if free > now then
  return {'later', free}
end
job.state = 'running'
job.owner = ARGV[2]
job.epoch = job.epoch + 1
job.attempts = job.attempts + 1
job.lease = now + ARGV[3]
job.last = ''
save(job)
checkAt(job.id, job.lease)
return {'claimed', shown(job), redis.call('GET', key('b', job.id))}
