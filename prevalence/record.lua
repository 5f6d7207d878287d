-- Applies a run of changes of one host to the shared histories, all or none, each exactly once.
--
-- KEYS[1]  mark: the place after the last change of this run's origin that was applied
-- KEYS[2]  since: the time of the oldest message
-- KEYS[n]  histories and sightings, named by the changes as numbers
-- ARGV     1 the place after the last change that the host knows was applied, 2 how long keys live in seconds, 3 how
--          far back history goes in seconds, and then per change:
--          place, time, class, increment, decrement, class to take out or '', number of its sighting or 0,
--          how many histories, and their numbers
--
-- A history is a hash. Its fields are TIME.GRAIN.CLASS (grain 0 a second, 1 an hour, 2 a day) and hold
-- messages * 2^36 + recipients; '#' counts the seconds that came since the last compaction.
local size = {[0] = 1, 3600, 86400}
local most = {[0] = 64, 1024, 512} -- of each party
local one = 68719476736 -- 2^36

local function parse(field)
  local at, grain, class = field:match('^(%d+)%.(%d)%.(%d+)$')
  return tonumber(at), tonumber(grain), class
end

-- party is who a message of a class counts for: 2 our own people, 1 a proven author, 0 anybody. See row.go.
local function party(class)
  local outcome, direction, auth = class % 8, math.floor(class / 8) % 4, math.floor(class / 32) % 4
  if direction == 1 and (outcome < 2 or outcome == 7) then return 2 end
  return auth == 1 and 1 or 0
end

-- coarsen makes the oldest seconds of one party hours and the oldest hours days.
local function coarsen(key, by)
  for grain = 0, 2 do
    local list = by[grain]
    table.sort(list, function(a, b) return a[1] < b[1] end)
    for i = 1, #list - most[grain] do
      local at, class, field = list[i][1], list[i][2], list[i][3]
      local value = redis.call('HGET', key, field)
      redis.call('HDEL', key, field)
      if grain < 2 then
        local start = at - at % size[grain + 1]
        local wider = string.format('%d.%d.%s', start, grain + 1, class)
        local is = redis.call('HINCRBY', key, wider, value)
        if is == tonumber(value) then -- it is a new field
          table.insert(by[grain + 1], {start, class, wider})
        end
      end
    end
  end
end

-- compact holds a history within its bounds, and drops what is too old.
local function compact(key, cut)
  local by = {}
  for p = 0, 2 do by[p] = {[0] = {}, {}, {}} end
  for _, field in ipairs(redis.call('HKEYS', key)) do
    local at, grain, class = parse(field)
    if at and at + size[grain] - 1 < cut then
      redis.call('HDEL', key, field)
    elseif at then
      table.insert(by[party(tonumber(class))][grain], {at, class, field})
    end
  end
  local seconds = 0
  for p = 0, 2 do
    coarsen(key, by[p])
    seconds = seconds + #by[p][0]
  end
  redis.call('HSET', key, '#', math.min(seconds, most[0]))
end

-- remove takes a message out again, wherever compaction has put it, and says whether it was there.
local function remove(key, at, class, decrement)
  for grain = 0, 2 do
    local field = string.format('%d.%d.%s', at - at % size[grain], grain, class)
    if redis.call('HEXISTS', key, field) == 1 then
      if redis.call('HINCRBY', key, field, decrement) < one then
        redis.call('HDEL', key, field)
      end
      return true
    end
  end
  return false
end

local function add(key, at, class, increment, cut)
  local field = string.format('%d.0.%s', at, class)
  if redis.call('HEXISTS', key, field) == 0 and redis.call('HINCRBY', key, '#', 1) > 2 * most[0] then
    compact(key, cut)
  end
  redis.call('HINCRBY', key, field, increment)
end

-- again is what a message comes to that was recorded before: the class to record and the one to take out, '' for none;
-- or nothing, when all stays as it is. The rules are those of again.go, where they are explained.
local worse = {[0] = 0, 1, 3, 4, 2, 4, 4, 0} -- by outcome: the lowest three bits of a class; then direction and proof
local function again(before, class)
  local was, outcome = before % 8, class % 8
  if class == before then return nil end
  if was == 4 then return class, before end
  local alike = math.floor(before / 8) % 16 == math.floor(class / 8) % 16
  if was == 2 and outcome == 7 or was ~= 2 and was ~= 7 and alike and worse[outcome] > worse[was] then
    return before - was + outcome, before
  end
  if worse[was] == 4 and worse[outcome] < 4 then return class, '' end
  return nil
end

local function apply(i)
  local at, class, increment, decrement, was, seen = tonumber(ARGV[i + 1]), ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], tonumber(ARGV[i + 6])
  local first = at
  if seen > 0 then
    local before = redis.call('GET', KEYS[seen])
    if before then
      local time, kind = before:match('^(%d+) (%d+)$')
      if at - tonumber(time) <= 432000 then -- 5 days: the same message
        class, was = again(tonumber(kind), tonumber(class))
        if not class then return end
        if was ~= '' then first = tonumber(time) end
      end
    end
    redis.call('SET', KEYS[seen], string.format('%d %d', first, class), 'EX', ARGV[2])
  end
  for n = i + 8, i + 7 + tonumber(ARGV[i + 7]) do
    local key = KEYS[tonumber(ARGV[n])]
    local there = was ~= '' and remove(key, first, was, decrement)
    add(key, there and first or at, class, increment, at - tonumber(ARGV[3]))
    redis.call('EXPIRE', key, ARGV[2])
  end
  local since = tonumber(redis.call('GET', KEYS[2]))
  if at >= 631152000 and (not since or at < since) then -- not before 1990: a clock that was never set
    redis.call('SET', KEYS[2], string.format('%d', at))
  end
end

local mark = tonumber(redis.call('GET', KEYS[1]) or '0')
if mark < tonumber(ARGV[1]) then
  return {-1, mark} -- this store has lost what it had taken
end
local taken = 0
local i = 4
while ARGV[i] do
  local place = tonumber(ARGV[i])
  if place >= mark then
    apply(i)
    mark = place + 1
    taken = taken + 1
  end
  i = i + 8 + tonumber(ARGV[i + 7])
end
redis.call('SET', KEYS[1], string.format('%d', mark), 'EX', ARGV[2])
return {taken, mark}
