-- ARGV id, tenant, priority, created, callback, facts, keep, body, name of its idempotency key (empty
--      for none), fingerprint, due, check, most jobs
-- Returns what became of it, and the job
local id = ARGV[1]
clean()
local known = find(id)
if known then
  return {'repeated', shown(known)}
end
local name = ARGV[9]
if name ~= '' then
  local used = redis.call('HMGET', key('i', name), 'id', 'fingerprint')
  local first = used[1] and find(used[1])
  if first then
    if used[2] ~= ARGV[10] then
      return {'reused'}
    end
    return {'repeated', shown(first)}
  end
end
if redis.call('ZCARD', base .. ':all') >= tonumber(ARGV[13]) then
  return {'full'}
end
local seq = redis.call('INCR', base .. ':seq')
redis.call('HSET', key('j', id), 'id', id, 'tenant', ARGV[2], 'priority', ARGV[3], 'created', ARGV[4],
  'callback', ARGV[5], 'facts', ARGV[6], 'keep', ARGV[7], 'name', name, 'seq', seq, 'state', 'queued',
  'attempts', 0, 'epoch', 0, 'owner', '', 'due', ARGV[11], 'lease', 0, 'ended', 0, 'reason', '',
  'events', 0, 'enqueued', 0, 'last', '')
redis.call('SET', key('b', id), ARGV[8])
if name ~= '' then
  redis.call('DEL', key('i', name))
  redis.call('HSET', key('i', name), 'id', id, 'fingerprint', ARGV[10])
end
redis.call('ZADD', base .. ':all', seq, id)
redis.call('ZADD', key('s', 'queued'), seq, id)
redis.call('ZADD', key('t', ARGV[2]), seq, id)
redis.call('ZADD', base .. ':due', ARGV[11], id)
checkAt(id, ARGV[12])
return {'created', shown(load(id))}
