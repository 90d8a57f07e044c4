-- ARGV id
-- Returns status, headers, body
local job = find(ARGV[1])
local result = job and redis.call('HMGET', key('r', ARGV[1]), 'status', 'headers', 'body')
if result and result[1] then
  return {'result', result[1], result[2], result[3]}
end
return {'unknown'}
