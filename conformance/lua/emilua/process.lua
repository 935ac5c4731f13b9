-- What ends while fibers wait, and memory in the long run.

local t = ...

local PRELUDE = [[
  local emilua = require("emilua")
  local spawn, sleep, ip, stream = emilua.spawn, emilua.sleep, emilua.ip, emilua.stream
  local function pair()
    local acceptor = ip.tcp.listen("127.0.0.1:0")
    local a = ip.tcp.dial("127.0.0.1", acceptor.local_port)
    local b = acceptor:accept()
    acceptor:close()
    return a, b
  end
]]

local function ends_well(title, source)
  t.case(title, function()
    local text = t.peer(PRELUDE .. source .. "\n"):finish()
    t.ok(text:find("last words\n", 1, true), text)
    t.ok(not text:find("internal error", 1, true), text)
    t.equal(text:match("[Ss]egmentation") or text:match("[Aa]bort"), nil)
  end)
end

ends_well("os.exit while fibers wait for everything", [[
  emilua.run(function()
    local a, b = pair()
    local span = emilua.byte_span.new(10)
    local waits = spawn(function() b:read_some(span) end)
    spawn(function() waits:join() end)
    spawn(function() stream.write_all(a, ("x"):rep(1e7)) end):detach()
    spawn(function() ip.tcp.listen("127.0.0.1:0"):accept() end)
    spawn(function() sleep(100) end)
    spawn(function() coroutine.wrap(function() pcall(sleep, 100) end)() end)
    sleep(0.01)
    say("last words")
    os.exit(0, true)
  end)
]])

ends_well("fibers and handles that never ran", [[
  keep = spawn(function() sleep(1) end)
  spawn(function() error("never") end)
  say("last words")
]])

ends_well("handles that are collected in every state", [[
  assert(emilua.run(function()
    local a, b = pair()
    for i = 1, 50 do
      spawn(function() pcall(b.read_some, b, emilua.byte_span.new(1)) end)
      spawn(function() end)
      local handle = spawn(function() sleep(0) end)
      if i % 2 == 0 then handle:interrupt() end
      collectgarbage()
    end
    sleep(0)
    b:close()
  end))
  say("last words")
]])

t.case("the interpreter of ours makes a script the main fiber", function()
  local command = t.quote(t.interpreter())
  if not t.shell(command .. " -v 2>&1"):find("^moonsocket") then t.skip("another's interpreter") end
  local script = t.scratch([[
    assert(this_fiber.is_main and arg[1] == "x" and ... == "x")
    local ip, stream = require("ip"), require("stream")
    local acceptor = ip.tcp.listen("127.0.0.1:0")
    local a = ip.tcp.dial("127.0.0.1", acceptor.local_port)
    local b = acceptor:accept()
    spawn(function()
      local buf = byte_span.new(1024)
      local nread = b:read_some(buf)
      print(buf:slice(1, nread))
    end):detach()
    print(stream.write_all(a, "Hello World"))
  ]])
  local text = t.shell(command .. " -m emilua " .. t.quote(script) .. " x 2>&1")
  t.ok(text == "11\nHello World\n" or text == "Hello World\n11\n", text)
  script = t.scratch("require('time').sleep(0) error(require('generic_error').EBADF)")
  t.equal(t.shell(command .. " -m emilua " .. t.quote(script) .. " 2>&1; echo $?"), "moonsocket: Bad file descriptor\n1\n")
  script = t.scratch("local function inner() error('boom') end inner()")
  text = t.shell(command .. " -m emilua " .. t.quote(script) .. " 2>&1")
  t.ok(text:find("boom", 1, true) and text:find("inner", 1, true), text)
  t.equal(select(2, text:gsub("stack traceback", "")), 1, text)
end)

t.case("a long run keeps no memory", function()
  local text = t.peer(PRELUDE .. [[
    assert(emilua.run(function()
      local function round()
        for _ = 1, 50 do
          local a, b = pair()
          local reader = spawn(function() return b:read_some(emilua.byte_span.new(10)) end)
          a:write_some("x")
          reader:join()
          a:close()
          b:close()
          spawn(function() pcall(sleep, 0) end):detach()
        end
        sleep(0)
        collectgarbage() collectgarbage()
        return collectgarbage("count")
      end
      round() round()
      local before = round()
      for _ = 1, 5 do round() end
      say(round() - before < 30 and "steady" or "grows")
    end))
  ]]):finish()
  t.equal(text, "steady\n")
end)

-- As programs do that reload their code.
t.case("loading it again keeps nothing of the loading before", function()
  local peer = t.peer([[
    local function load(times)
      for _ = 1, times do
        package.loaded.emilua = nil
        require("emilua").spawn(function() end):detach()
      end
      assert(emilua.run(function() end))
      collectgarbage()
      collectgarbage()
      return collectgarbage("count")
    end
    emilua = require("emilua")
    load(3)
    local before = load(3)
    say(load(40) - before < 200)
  ]])
  t.equal(peer:line(), "true")
end)
