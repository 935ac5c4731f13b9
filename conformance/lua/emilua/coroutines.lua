-- pcall, xpcall and coroutines in fibers, on every Lua: calls that wait suspend the fiber alone.

local t, s = ...
local this = s.this_fiber

-- Others must have their turns while `body` waits; one that blocks the thread would stop them.
local function lets_others_run(body)
  local turns, over = 0, false
  local other = s.spawn(function()
    while not over do
      s.sleep(0.001)
      turns = turns + 1
    end
  end)
  this.yield()
  body()
  over = true
  other:join()
  t.ok(turns > 0, "the others stood still")
end

s.case("waiting in pcall", function()
  lets_others_run(function()
    t.gives(true, 1, nil)(pcall(function()
      s.sleep(0.02)
      return 1, nil
    end))
  end)
end)

s.case("errors in pcall after a wait", function()
  local value = {}
  t.gives(false, value)(pcall(function()
    this.yield()
    error(value)
  end))
  t.gives(false, "text")(pcall(error, "text", 0))
  t.results(1, pcall(function() end))
  t.ok(not pcall(nil))
  t.ok(not pcall())
end)

s.case("waiting in nested pcalls", function()
  lets_others_run(function()
    local function nest(depth)
      if depth == 0 then
        s.sleep(0.02)
        error("deep", 0)
      end
      local ok, err = pcall(nest, depth - 1)
      error(err .. ok, 0)
    end
    nest = function(depth)
      if depth == 0 then
        s.sleep(0.02)
        error("deep", 0)
      end
      local _, err = pcall(nest, depth - 1)
      error(err, 0)
    end
    t.gives(false, "deep")(pcall(nest, 30))
  end)
end)

s.case("pcalls without end are an error, not a crash", function()
  local depth = 0
  local function nest()
    depth = depth + 1
    local ok, err = pcall(nest)
    if not ok then error(err, 0) end
  end
  local ok, err = pcall(nest)
  t.equal(ok, false)
  t.ok(tostring(err):find("overflow", 1, true) or tostring(err):find("error in error", 1, true), err)
  t.ok(depth > 100, depth)
  this.yield()
end)

s.case("xpcall, its handler and a wait", function()
  lets_others_run(function()
    local ok, text = xpcall(function()
      s.sleep(0.02)
      error("trouble", 0)
    end, function(err) return "handled " .. err end)
    t.equal(ok, false)
    t.equal(text, "handled trouble")
  end)
  local _, text = xpcall(function()
    this.yield()
    error("trouble", 0)
  end, debug.traceback)
  t.ok(text:find("^trouble\nstack traceback:"), text)
  t.ok(text:find("coroutines.lua", 1, true), text)
end)

s.case("waiting in a coroutine of the fiber's own", function()
  lets_others_run(function()
    local co = coroutine.create(function(a, b)
      s.sleep(0.02)
      local c = coroutine.yield(a + b)
      s.sleep(0.02)
      return c, nil
    end)
    t.gives(true, 3)(coroutine.resume(co, 1, 2))
    t.equal(coroutine.status(co), "suspended")
    t.gives(true, "c", nil)(coroutine.resume(co, "c"))
    t.equal(coroutine.status(co), "dead")
    t.equal((coroutine.resume(co)), false)
  end)
end)

s.case("coroutines in coroutines, with pcalls between", function()
  lets_others_run(function()
    local outer = coroutine.wrap(function()
      local inner = coroutine.wrap(function()
        local ok, err = pcall(function()
          s.sleep(0.01)
          coroutine.yield("from within pcall")
          s.sleep(0.01)
          error("caught", 0)
        end)
        coroutine.yield(tostring(ok) .. " " .. err)
        return "end"
      end)
      coroutine.yield(inner())
      coroutine.yield(inner())
      return inner()
    end)
    -- Plain 5.1 alone cannot yield across its own pcall; ours can there, too.
    t.equal(outer(), "from within pcall")
    t.equal(outer(), "false caught")
    t.equal(outer(), "end")
  end)
end)

s.case("a generator that reads from a socket", function()
  local a, b = s.pair()
  a:write_some("abc")
  local letters = {}
  for letter in coroutine.wrap(function()
    while true do
      local ok, text = pcall(s.read, b, 1)
      if not ok then return end
      coroutine.yield(text)
      if text == "c" then a:close() end
    end
  end) do
    letters[#letters + 1] = letter
  end
  t.equal(table.concat(letters), "abc")
  b:close()
end)

s.case("errors of wrapped coroutines", function()
  local value = {}
  t.equal(t.raised(coroutine.wrap(function()
    this.yield()
    error(value)
  end)), value)
  local text = t.raised(function() coroutine.wrap(function() error("text") end)() end)
  t.ok(text:find("text", 1, true), text)
end)

t.case("running gives as many values in a fiber as outside", function()
  local function count() return select("#", coroutine.running()) end
  local outside, inside = coroutine.wrap(count)(), nil
  s.run(function() inside = coroutine.wrap(count)() end)
  t.equal(inside, outside)
end)

s.case("status and running", function()
  t.equal(coroutine.running(), nil)
  local co
  co = coroutine.create(function()
    t.equal(coroutine.running(), co)
    t.equal(coroutine.status(co), "running")
    pcall(function()
      t.equal(coroutine.running(), co)
      t.equal(coroutine.status(co), "running")
    end)
    this.yield()
    return "over"
  end)
  local other = s.spawn(function()
    t.equal(coroutine.status(co), "normal")
    t.equal((coroutine.resume(co)), false)
    if coroutine.close then t.ok(not pcall(coroutine.close, co)) end
    return coroutine.status(co)
  end)
  t.gives(true, "over")(coroutine.resume(co))
  other:join()
  t.equal(coroutine.running(), nil)
end)

s.case("a fiber itself cannot yield", function()
  s.raises("core.bad_coroutine", function() coroutine.yield() end)
  s.raises("core.bad_coroutine", function() pcall(coroutine.yield) coroutine.yield() end)
end)

s.case("closing a coroutine", function()
  if not coroutine.close then t.skip("no coroutine.close in this Lua") end
  local co = coroutine.create(function()
    this.yield()
    coroutine.yield("out")
  end)
  t.gives(true, "out")(coroutine.resume(co))
  t.equal(coroutine.close(co), true)
  t.equal(coroutine.status(co), "dead")
end)

s.case("wrong arguments", function()
  t.ok(not pcall(coroutine.resume))
  t.ok(not pcall(coroutine.resume, 5))
  t.ok(not pcall(coroutine.wrap))
  t.ok(not pcall(coroutine.status, 5))
end)

s.case("where nobody can yield, the call blocks the thread and works", function()
  local a, b = s.pair()
  a:write_some("xy")
  local text = ("1 2"):gsub("%d", function() return s.read(b, 1) end)
  t.equal(text, "x y")
  local list = { 3, 1, 2 }
  table.sort(list, function(x, y)
    s.sleep(0)
    return x < y
  end)
  t.equal(table.concat(list), "123")
  a:close()
  b:close()
end)

t.case("Lua's own functions are back after run", function()
  local before = { pcall, xpcall, coroutine.resume, coroutine.wrap, coroutine.status, coroutine.running, coroutine.yield }
  local inside
  s.run(function() inside = { pcall, coroutine.resume } end)
  t.differs(inside[1], before[1])
  t.differs(inside[2], before[3])
  local after = { pcall, xpcall, coroutine.resume, coroutine.wrap, coroutine.status, coroutine.running, coroutine.yield }
  for i = 1, #before do t.equal(after[i], before[i]) end
  s.emilua.run(function() error("x") end)
  t.equal(pcall, before[1])
end)

s.case("what cannot be closed raises at the caller's place", function()
  if not coroutine.close then t.skip("no coroutine.close on this Lua") end
  local waits = coroutine.create(function() s.sleep(0.01) end)
  s.spawn(function() coroutine.resume(waits) end)
  this.yield()
  local line = debug.getinfo(1, "l").currentline + 1
  local function closing(it) return { pcall(function() coroutine.close(it) end) } end
  for what, words in pairs({ [waits] = "cannot close a normal coroutine", [7] = "bad argument #1 to 'close'" }) do
    local ok, err = (unpack or table.unpack)(closing(what))
    t.equal(ok, false)
    t.ok(err:find("coroutines.lua:" .. line .. ": " .. words, 1, true), err)
  end
  t.gives(true)(coroutine.close(coroutine.create(print)))
end)
