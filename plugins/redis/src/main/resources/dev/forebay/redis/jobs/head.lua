-- Jobs. Times are milliseconds since 1970 by the clock of the server.
-- KEYS[1] what all keys begin with; a hash tag keeps them in one slot of a Cluster:
--   :j:ID  hash of a job       :b:ID  its body        :e:ID  list of its events
--   :r:ID  hash of its result  :i:…   id and fingerprint of an idempotency key
--   :all, :s:STATE, :t:TENANT  ids by the order in which they came
--   :due, :checks, :ended      ids by due time, check time, time to be forgotten
--   :seq   number of the last job   :news  channel: ids with new events or an end
local base = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local FIELDS = {'id', 'tenant', 'priority', 'created', 'callback', 'facts', 'state', 'attempts', 'epoch',
  'owner', 'due', 'lease', 'ended', 'reason', 'events', 'enqueued', 'keep', 'name', 'seq', 'last'}
local SHOWN = 16
local CHANGING = {'state', 'attempts', 'epoch', 'owner', 'due', 'lease', 'ended', 'reason', 'events',
  'enqueued', 'last'}
local STATES = {'queued', 'running', 'done', 'failed', 'dead', 'cancelled'}
local NEVER = '9223372036854775807'

local function key(kind, id)
  return base .. ':' .. kind .. ':' .. id
end

local function isOver(job)
  return job.state ~= 'queued' and job.state ~= 'running'
end

local function tell(id)
  redis.call('PUBLISH', base .. ':news', id)
end

local function checkAt(id, millis)
  if millis == NEVER then
    redis.call('ZREM', base .. ':checks', id)
  else
    redis.call('ZADD', base .. ':checks', millis, id)
  end
end

local function forget(id, job)
  redis.call('DEL', key('j', id), key('b', id), key('e', id), key('r', id))
  for _, index in ipairs({':all', ':due', ':checks', ':ended'}) do
    redis.call('ZREM', base .. index, id)
  end
  for _, state in ipairs(STATES) do
    redis.call('ZREM', key('s', state), id)
  end
  if job then
    redis.call('ZREM', key('t', job.tenant), id)
    if job.name ~= '' then
      redis.call('DEL', key('i', job.name))
    end
  end
end

local function load(id)
  local values = redis.call('HMGET', key('j', id), unpack(FIELDS))
  if not values[1] then
    return nil
  end
  local job = {}
  for i, field in ipairs(FIELDS) do
    job[field] = values[i]
  end
  job.was = job.state
  return job
end

-- A job that is there, and whose time is not over.
local function find(id)
  local job = load(id)
  if job and isOver(job) and job.ended + job.keep <= now then
    forget(id, job)
    return nil
  end
  return job
end

-- Forgets some whose time is over.
local function clean()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', base .. ':ended', '-inf', now, 'LIMIT', 0, 100)) do
    forget(id, load(id))
  end
end

local function save(job)
  local values = {}
  for _, field in ipairs(CHANGING) do
    values[#values + 1] = field
    values[#values + 1] = job[field]
  end
  redis.call('HSET', key('j', job.id), unpack(values))
  if job.was ~= job.state then
    redis.call('ZREM', key('s', job.was), job.id)
    redis.call('ZADD', key('s', job.state), job.seq, job.id)
    job.was = job.state
  end
  if job.state == 'queued' then
    redis.call('ZADD', base .. ':due', job.due, job.id)
  else
    redis.call('ZREM', base .. ':due', job.id)
  end
end

-- Ends a job. Its bodies are gone at their time even if nobody asks this store any more.
local function finish(job, state, reason)
  job.state = state
  job.reason = reason
  job.ended = now
  job.lease = 0
  save(job)
  local at = now + job.keep
  redis.call('ZADD', base .. ':ended', at, job.id)
  for _, kind in ipairs({'b', 'e', 'r'}) do
    redis.call('PEXPIREAT', key(kind, job.id), at)
  end
  redis.call('PEXPIREAT', key('j', job.id), at + 3600000)
  if job.name ~= '' then
    redis.call('PEXPIREAT', key('i', job.name), at)
  end
  checkAt(job.id, job.callback == '1' and now or NEVER)
  tell(job.id)
end

local function sameClaim(job, owner, epoch)
  return job and job.owner == owner and tonumber(job.epoch) == tonumber(epoch)
end

-- The job of a lease that holds; nil if it is lost.
local function held(id, owner, epoch)
  local job = find(id)
  if job and job.state == 'running' and sameClaim(job, owner, epoch) then
    return job
  end
  return nil
end

-- A step that ended the running of this claim, and is asked for again.
local function again(id, owner, epoch, step)
  local job = find(id)
  return job and sameClaim(job, owner, epoch) and job.last == step
end

local function shown(job)
  local values = {}
  for i = 1, SHOWN do
    values[i] = tostring(job[FIELDS[i]])
  end
  if job.state ~= 'running' then
    values[12] = '0'
  end
  return values
end

