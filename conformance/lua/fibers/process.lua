-- What ends, starts or stops processes while fibers wait.

local t, s = ...

local function ends_well(title, source)
  t.case(title, function()
    local text = s.process(source .. "\n"):finish()
    t.ok(text:find("last words\n", 1, true), text)
    t.ok(not text:find("internal error", 1, true), text)
    t.equal(text:match("[Ss]egmentation") or text:match("[Aa]bort"), nil)
  end)
end

ends_well("os.exit in a fiber, with the state closed, while others wait", [[
  local c, a = pair()
  local server, port = listener()
  spawn(function() c:receive() end)
  spawn(function() server:accept() end)
  spawn(function() c:send(("x"):rep(16 * 1024 * 1024)) end)
  spawn(function() socket.select({ c }, nil, 10) end)
  spawn(function() socket.dns.toip("localhost") sleep(10) end)
  spawn(function() socket.connect("localhost", port) sleep(10) end)
  spawn(function() sleep(0.02) say("last words") os.exit(0, true) end)
  run()
]])

ends_well("os.exit in a fiber without closing the state", [[
  local c, a = pair()
  spawn(function() c:receive() end)
  spawn(function() sleep(0.01) say("last words") os.exit(0) end)
  run()
]])

ends_well("fibers that never ran", [[
  local c, a = pair()
  for _ = 1, 10 do spawn(function() c:receive() end) end
  say("last words")
]])

ends_well("a state that closes while a connect waits", [[
  local server, port = listener()
  spawn(function() socket.connect("localhost", port) end)
  spawn(function() socket.dns.toip("localhost") end)
  spawn(function() say("last words") os.exit(0, true) end)
  run()
]])

ends_well("finalizers of the closing state spawn and run fibers", [[
  keep = setmetatable({}, { __gc = function()
    pcall(spawn, function() sleep(0.01) end)
    pcall(run)
  end })
  if newproxy then
    keep = newproxy(true)
    getmetatable(keep).__gc = function() pcall(spawn, function() sleep(0.01) end) pcall(run) end
  end
  local c, a = pair()
  spawn(function() c:settimeout(0.01) c:receive() end)
  run()
  say("last words")
]])

ends_well("sockets used by finalizers of the closing state", [[
  local c, a = pair()
  local function last()
    pcall(c.send, c, "x") pcall(c.receive, c, 0) pcall(c.getfd, c) pcall(socket.tcp) pcall(c.close, c)
    pcall(socket.select, { c }, nil, 0) pcall(socket.dns.toip, "127.0.0.1") pcall(tostring, c)
    pcall(socket.connect, "localhost", 0)
  end
  keep = setmetatable({}, { __gc = last })
  if newproxy then
    keep = newproxy(true)
    getmetatable(keep).__gc = last
  end
  say("last words")
]])

t.case("children inherit nothing of a run", function()
  local text = s.process([[
    local c, a = pair()
    spawn(function() c:receive() end)
    spawn(function() socket.dns.toip("localhost") end)
    spawn(function()
      sleep(0.02)
      local pipe = io.popen("ls -l /proc/self/fd")
      local list = pipe:read("*a")
      pipe:close()
      say("sockets", select(2, list:gsub("socket:", "")))
      say("reactor", select(2, list:gsub("anon_inode", "")))
      os.execute("true")
      a:send("x\n")
    end)
    say("run", run())
  ]]):finish()
  t.equal(text, "sockets 0\nreactor 0\nrun true\n")
end)

t.case("a run in a run's child process", function()
  local text = s.process([[
    local c, a = pair()
    spawn(function() c:receive() end)
    spawn(function()
      local pipe = io.popen("echo from a child")
      say((pipe:read("*l")))
      pipe:close()
      a:send("x\n")
    end)
    say("run", run())
  ]]):finish()
  t.equal(text, "from a child\nrun true\n")
end)
