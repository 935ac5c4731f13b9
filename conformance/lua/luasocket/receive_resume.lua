-- Partial results handed back as the next call's prefix, and streams that
-- come in drips: nothing may be lost, doubled or out of order.

local t, s = ...
local socket = s.socket

-- Sends `pieces` one after the other; before each, `c` reads what it can.
local function resumed(pieces, pattern, ip)
  local c, peer = s.pair(ip)
  c:settimeout(0)
  local part = ""
  for _, piece in ipairs(pieces) do
    local data, err, rest = t.results(3, c:receive(pattern, part))
    t.equal(data, nil)
    t.equal(err, "timeout")
    t.equal(rest, part, "what was handed in comes back")
    peer:send(piece)
    s.await(c)
    data, err, rest = t.results(3, c:receive(pattern, rest))
    if data then return data, c, peer end
    t.equal(err, "timeout")
    part = rest
  end
  peer:close()
  c:settimeout(s.patience)
  return c:receive(pattern, part)
end

t.case_for(s.ips, "a line in pieces", function(ip)
  t.equal((resumed({ "a", "bc", "def", "\n" }, "*l", ip)), "abcdef")
end)

t.case("a line byte by byte", function()
  local pieces, text = {}, "the quick brown fox"
  for ch in (text .. "\n"):gmatch(".") do pieces[#pieces + 1] = ch end
  pieces[#pieces + 1] = "\n"
  t.equal((resumed(pieces, "*l")), text)
end)

t.case("a count in pieces", function()
  t.equal((resumed({ "a", "bc", "\r\n", "\0" }, 6)), "abc\r\n\0")
end)

t.case("everything in pieces", function()
  local data, err, part = resumed({ "a", "bc", "\r\n", "\0" }, "*a")
  -- The last call reads nothing more, so it is the end and not a result.
  t.equal(data, nil)
  t.equal(err, "closed")
  t.equal(part, "abc\r\n\0")
end)

t.case("bytes behind the line stay for the next call", function()
  local line, c, peer = resumed({ "a", "b\nnext\nmore" }, "*l")
  t.equal(line, "ab")
  t.equal(c:dirty(), true)
  t.gives("next", nil, nil)(c:receive())
  t.gives(nil, "timeout", "more")(c:receive())
  peer:close()
end)

t.case("a pattern may change between the pieces", function()
  local c, peer = s.pair()
  c:settimeout(0)
  peer:send("ab")
  s.await(c)
  t.gives(nil, "timeout", "ab")(c:receive("*l"))
  peer:send("cd")
  s.await(c)
  t.gives("abc", nil, nil)(c:receive(3, "ab"))
  peer:send("\n")
  s.await(c)
  t.gives("d", nil, nil)(c:receive("*l"))
end)

t.case("the usual loop over a slow peer", function()
  local c, peer = s.serve([[
    local socket = require("socket")
    for i = 1, 20 do
      assert(c:send("part" .. i))
      socket.sleep(0.003)
    end
    c:send("\nrest")
    c:close()
  ]])
  c:settimeout(0.001)
  local line, err, part = nil, nil, ""
  local rounds = 0
  repeat
    line, err, part = c:receive("*l", part)
    rounds = rounds + 1
    t.ok(line or err == "timeout", err)
  until line
  local want = {}
  for i = 1, 20 do want[i] = "part" .. i end
  t.equal(line, table.concat(want))
  t.ok(rounds > 1, "it never had to wait")
  c:settimeout(s.patience)
  t.gives("rest", nil, nil)(c:receive("*a"))
  t.equal(peer:finish(), "")
end)

t.case("a drip of single bytes is put together", function()
  local c, peer = s.serve([[
    local socket = require("socket")
    c:setoption("tcp-nodelay", true)
    for ch in ("drip drop\r\nand 12345 done"):gmatch(".") do
      assert(c:send(ch))
      socket.sleep(0.002)
    end
    c:close()
  ]])
  t.gives("drip drop", nil, nil)(c:receive())
  t.gives("and ", nil, nil)(c:receive(4))
  t.gives("12345", nil, nil)(c:receive(5))
  t.gives(" done", nil, nil)(c:receive("*a"))
  t.equal(peer:finish(), "")
end)

t.case("a slow megabyte with a short limit arrives whole", function()
  local c, peer = s.serve([[
    local socket = require("socket")
    local block = {}
    for i = 0, 255 do block[#block + 1] = string.char(i) end
    block = table.concat(block):rep(64)
    for i = 1, 64 do
      assert(c:send(block))
      if i % 8 == 0 then socket.sleep(0.004) end
    end
    c:close()
  ]])
  c:settimeout(0.001)
  local pieces, part, err = {}, nil, nil
  repeat
    local data
    data, err, part = c:receive(50000)
    pieces[#pieces + 1] = data or part
    t.ok(data or err == "timeout" or err == "closed", err)
  until err == "closed"
  local every = {}
  for i = 0, 255 do every[#every + 1] = string.char(i) end
  t.equal(table.concat(pieces), table.concat(every):rep(64 * 64))
  t.equal(peer:finish(), "")
end)

t.case("a timeout keeps what is buffered beyond the partial result", function()
  local c, peer = s.pair()
  peer:send("one\ntwo\nthr")
  s.await(c)
  c:settimeout(0)
  t.gives("one", nil, nil)(c:receive())
  t.equal(c:dirty(), true)
  t.gives("two", nil, nil)(c:receive())
  t.gives(nil, "timeout", "thr")(c:receive())
  t.equal(c:dirty(), false)
  peer:close()
end)

t.case("an error after data: the data first, then the error", function()
  local c, peer = s.pair()
  peer:send("last words")
  peer:close()
  t.gives("last", nil, nil)(c:receive(4))
  t.gives(nil, "closed", " words")(c:receive())
  t.gives(nil, "closed", "")(c:receive())
  t.gives(nil, "closed", "")(c:receive(1))
end)

t.case("an ending stream is told each time, never as a timeout", function()
  local c, peer = s.pair()
  peer:close()
  c:settimeout(0)
  s.await(c)
  for _ = 1, 3 do
    t.gives(nil, "closed", "")(c:receive())
    t.gives(nil, "closed", "x")(c:receive(5, "x"))
  end
  socket.select({ c }, nil, 0)
  t.gives(nil, "closed", "")(c:receive("*a"))
end)
