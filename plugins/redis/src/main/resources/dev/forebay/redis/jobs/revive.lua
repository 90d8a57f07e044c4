-- ARGV id, check
local job = find(ARGV[1])
if not job then
  return {'unknown'}
end
if job.last == 'revive' then
  return {'job', shown(job)}
end
if not isOver(job) then
  return {'unknown'}
end
job.state = 'queued'
job.attempts = 0
job.due = now
job.ended = 0
job.enqueued = 0
job.last = 'revive'
save(job)
redis.call('DEL', key('r', job.id))
redis.call('ZREM', base .. ':ended', job.id)
for _, kind in ipairs({'j', 'b', 'e'}) do
  redis.call('PERSIST', key(kind, job.id))
end
if job.name ~= '' then
  redis.call('PERSIST', key('i', job.name))
end
checkAt(job.id, ARGV[2])
return {'job', shown(job)}
