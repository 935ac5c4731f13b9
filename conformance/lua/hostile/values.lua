-- Values for the fuzzer: random, strange, and all from one seed.

return function(seed, pool)
  local v = {}

  -- Park and Miller's generator: the same numbers on every Lua.
  local state = seed * 48271 % 2147483647
  if state == 0 then state = 1 end
  function v.random(n)
    state = state * 16807 % 2147483647
    return state % n + 1
  end
  function v.one_of(list) return list[v.random(#list)] end
  function v.chance(n) return v.random(n) == 1 end
  local random, one_of, chance = v.random, v.one_of, v.chance

  local strange = {
    "", "x", "\0", "*l", "*a", "*x", "l", "a", "L", "127.0.0.1", "::1", "localhost", "*", "0", "1", "65536",
    "-1", "inet", "inet6", "both", "send", "receive", "b", "t", "keepalive", "linger", "tcp-nodelay", "error",
    "reuseaddr", "BLOCK", ("y"):rep(300), ("z"):rep(70000), 0, 1, -1, 2, 7, 100, 1.5, 65535, 65536, 2 ^ 31, 2 ^ 40,
    2 ^ 53, 2 ^ 63, -2 ^ 63, 1e300, math.huge, -math.huge, 0 / 0, true, false, print, io.stdout,
    coroutine.create(function() end), function() return 1 end,
  }

  -- Names that no resolver asks the network for.
  v.hosts = { "127.0.0.1", "::1", "localhost", "no such name..", "", "*", "a\0b", true }

  function v.table(depth)
    local kind = random(5)
    if kind == 1 then return {} end
    if kind == 2 then return { on = chance(2), timeout = one_of({ 0, 1, -1, "x", 2 ^ 40 }) } end
    if kind == 3 then return { one_of(pool), one_of(pool), one_of(pool) } end
    if kind == 4 then return { multiaddr = "224.0.0.1", interface = one_of({ "127.0.0.1", "*", 1, {} }) } end
    local list = {}
    for i = 1, random(4) do
      list[i] = (depth or 0) < 3 and chance(3) and v.table((depth or 0) + 1) or one_of(strange)
    end
    return list
  end

  function v.any()
    local kind = random(12)
    if kind <= 7 then return one_of(strange) end
    if kind == 8 then return nil end
    if kind == 9 then return v.table() end
    if kind == 10 then return one_of(pool) end
    if kind == 11 then return random(10) end
    return (string.char(random(256) - 1)):rep(random(2000))
  end

  -- No call may wait long: limits come from here.
  function v.limit() return one_of({ 0, 0, 0.0005, 0.002, 0.004 }) end

  --- Lets go of what the values refer to.
  function v.forget() strange = {} end

  return v
end
