-- ARGV id, owner, epoch, state, reason, status (empty for no result), headers, body
local job = held(ARGV[1], ARGV[2], ARGV[3])
if not job then
  return {again(ARGV[1], ARGV[2], ARGV[3], 'finish ' .. ARGV[4]) and 'yes' or 'no'}
end
if ARGV[6] ~= '' then
  redis.call('HSET', key('r', job.id), 'status', ARGV[6], 'headers', ARGV[7], 'body', ARGV[8])
end
job.last = 'finish ' .. ARGV[4]
finish(job, ARGV[4], ARGV[5])
return {'yes'}
