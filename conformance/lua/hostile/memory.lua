-- Memory is short: an error, never an abort, and the process lives.

local t, s = ...

local function short(title, kilobytes, source, skipped)
  t.case(title, function()
    if skipped then t.skip(skipped) end
    local peer = t.peer_with("ulimit -v " .. kilobytes, [[
      local socket = require("socket")
      local server = assert(socket.bind("127.0.0.1", 0))
      local _, port = server:getsockname()
      local c = assert(socket.connect("127.0.0.1", tonumber(port)))
      local a = assert(server:accept())
      c:settimeout(5)
      a:settimeout(5)
      ]] .. source .. [[
      say("alive")
    ]])
    local text = peer:finish()
    t.ok(text:find("alive\n$"), text:sub(-2000))
    t.equal(text:find("internal error", 1, true), nil, text:sub(-2000))
  end)
end

short("a receive that grows beyond what there is", 150000, [[
  local block = ("x"):rep(65536)
  a:settimeout(0)
  for _, pattern in ipairs({ "*a", 2 ^ 40, "*l" }) do
    local parts = 0
    local ok, data, err, partial
    -- Both ends here: what is sent between two receives is the prefix of the next.
    local prefix = ""
    for _ = 1, 1500 do
      a:send(block)
      c:settimeout(0)
      ok, data, err, partial = pcall(c.receive, c, pattern, prefix)
      if not ok or err ~= "timeout" then break end
      prefix = partial
      partial = nil
    end
    say(pattern, ok, ok and err or data)
    prefix, data, partial = nil, nil, nil
    collectgarbage()
    collectgarbage()
    c:settimeout(0)
    repeat local part = select(3, c:receive(2 ^ 20)) or "" until part == ""
  end
]])

short("receive(2^40) and a prefix of 100 MB", 400000, [[
  a:send("abc")
  a:close()
  say(select(2, c:receive(2 ^ 40)))
  local prefix = ("x"):rep(100 * 1024 * 1024)
  local ok, data, err, partial = pcall(c.receive, c, "*a", prefix)
  say(ok, ok and err or data)
]])

short("a send of more than there is", 150000, [[
  a:settimeout(0)
  local ok, big = pcall(string.rep, "x", 60 * 1024 * 1024)
  say(ok)
  if ok then c:settimeout(0) say(pcall(c.send, c, big)) end
]])

short("calls of all kinds when nothing at all is left", 150000, [[
  local moonsocket = require("moonsocket")
  local calls = {
    function() local one = socket.connect("127.0.0.1", port) if one then one:close() end end,
    function() socket.udp():setsockname("localhost", 0) end,
    function() return socket.dns.toip("localhost") end,
    function() return socket.dns.getaddrinfo("127.0.0.1") end,
    function() return socket.select({ c, a, server }, { c, a }, 0) end,
    function() return socket.bind("127.0.0.1", 0):close() end,
    function() return c:receive(10, "prefix") end,
    function() return c:getpeername() end,
    function() return c:setoption("linger", { on = false, timeout = 0 }) end,
    function()
      for _ = 1, 10 do moonsocket.spawn(function() c:settimeout(0.001) c:receive() end) end
      moonsocket.run()
    end,
    function() moonsocket.run() end,
  }
  c:settimeout(0)
  -- All that these calls want to have once.
  for _, call in ipairs(calls) do pcall(call) end
  local served, refused = 0, 0
  local function fill(ballast, size)
    local piece, last, count = (" "):rep(size), nil, 0
    while true do
      count = count + 1
      last = { last, count .. piece }
      ballast[1] = last
    end
  end
  local function round()
    for _ = 1, 300 do
      for _, call in ipairs(calls) do
        if pcall(call) then served = served + 1 else refused = refused + 1 end
      end
    end
  end
  for _ = 1, 3 do
    local ballast = { { nil }, { nil }, { nil }, { nil } }
    for i, size in ipairs({ 2 ^ 20, 2 ^ 14, 2 ^ 10, 2 ^ 6 }) do pcall(fill, ballast[i], size) end
    c:settimeout(0)
    pcall(round)
    ballast = nil
    collectgarbage()
    collectgarbage()
    moonsocket.run()
  end
  say("refused some", refused > 0)
  c:settimeout(5)
  a:send("and well\n")
  say(c:receive())
]], t.lua == "jit" and "LuaJIT crashes by itself where its memory ends" or nil)

short("a byte_span of more than half of what there is", 450000, [[
  local emilua = require("emilua")
  local new, append = emilua.byte_span.new, emilua.byte_span.append
  -- In a function of its own each, lest what one has made is the next one's want.
  local span = new(250 * 1024 * 1024)
  for _, call in ipairs({
    function() return #tostring(span) end,
    function() return #span:append(span) end,
    function() return #append(span, span) end,
    function() return #new(1000 * 1024 * 1024) end,
    function() return span:copy(span:slice(2)), span:copy("x"), span:copy(span) end,
    function() return span == span:slice(2), span == span end,
    function() return span:find(span), span:rfind(span), span:starts_with(span), span:ends_with(span) end,
    function() return span:find_first_of("x"), span:find_last_not_of("x"), span:find_first_not_of("x\0") end,
    function() return #span:trimmed("x"), #span:trimmed(span) end,
    function()
      local udp = emilua.ip.udp.socket.new()
      udp:open("v4")
      udp:send_to(span, emilua.ip.address.loopback_v4(), 9)
    end,
  }) do
    local ok, one = pcall(call)
    say(ok, ok and one or tostring(one))
    collectgarbage()
  end
]])
