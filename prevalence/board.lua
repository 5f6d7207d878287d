-- Changes the values of a board, a hash in which the first 24 characters of a value are its stamp.
--
-- KEYS[1]  the values by name
-- KEYS[2]  the version: another number after each change
-- ARGV     "put" or "drop", and then pairs of name and value
--
-- "put" writes a value unless the one that is there has the same stamp or a later one. "drop" removes a value if it is
-- still the one that was seen.
local changed = 0
for i = 2, #ARGV, 2 do
  local name, value = ARGV[i], ARGV[i + 1]
  local is = redis.call('HGET', KEYS[1], name)
  if ARGV[1] == 'put' then
    if not is or is:sub(1, 24) < value:sub(1, 24) then
      redis.call('HSET', KEYS[1], name, value)
      changed = changed + 1
    end
  elseif is == value then
    redis.call('HDEL', KEYS[1], name)
    changed = changed + 1
  end
end
if changed > 0 then
  redis.call('INCR', KEYS[2])
end
return changed
