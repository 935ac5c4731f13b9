-- Memory is short: an error, never an abort, and the process lives.

local t, s = ...

local function short(title, kilobytes, source)
  t.case(title, function()
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
