-- ARGV tenant and state (empty for all), 1 if there is a tenant, most, most to look at
clean()
local index = base .. ':all'
if ARGV[3] == '1' then
  index = key('t', ARGV[1])
elseif ARGV[2] ~= '' then
  index = key('s', ARGV[2])
end
local found = {'jobs'}
local most = tonumber(ARGV[4]) + 1
local look = tonumber(ARGV[5])
local from = 0
while from < look and #found < most do
  local ids = redis.call('ZREVRANGE', index, from, from + 499)
  if #ids == 0 then
    break
  end
  from = from + #ids
  for _, id in ipairs(ids) do
    local state = redis.call('HGET', key('j', id), 'state')
    if not state then
      redis.call('ZREM', index, id)
      from = from - 1
    elseif (ARGV[2] == '' or state == ARGV[2]) and #found < most then
      found[#found + 1] = shown(load(id))
    end
  end
end
return found
