-- The non-blocking idiom: connect with timeout 0, wait with select, ask again.

local t, s = ...
local socket = s.socket

local function started(ip, port)
  local c = socket.tcp()
  c:settimeout(0)
  t.fails("timeout", c:connect(ip, port))
  t.equal(c.class, "tcp{client}")
  return c
end

local function writable(c)
  local _, ready = socket.select(nil, { c }, s.patience)
  t.equal(ready[1], c)
end

t.case_for(s.ips, "connected: timeout, then 1, then already connected", function(ip)
  local server, port = s.listener(ip)
  local c = started(ip, port)
  writable(c)
  t.gives(1)(c:connect(ip, port))
  t.fails("already connected", c:connect(ip, port))
  t.fails("already connected", c:connect(ip, port))
  t.gives(2, nil, nil)(c:send("hi"))
  local a = t.ok(server:accept())
  a:settimeout(s.patience)
  t.gives("hi", nil, nil)(a:receive(2))
end)

t.case_for(s.ips, "refused: timeout, then refused, then a new attempt", function(ip)
  local port = s.dead_port(ip)
  local c = started(ip, port)
  writable(c)
  t.fails("connection refused", c:connect(ip, port))
  t.fails("timeout", c:connect(ip, port))
  writable(c)
  t.fails("connection refused", c:connect(ip, port))
end)

t.case("refused: the error option tells once", function()
  local port = s.dead_port()
  local c = started("127.0.0.1", port)
  writable(c)
  t.gives("connection refused")(c:getoption("error"))
  t.gives(nil)(c:getoption("error"))
end)

t.case("connected: the error option is nil", function()
  local server, port = s.listener()
  local c = started("127.0.0.1", port)
  writable(c)
  t.gives(nil)(c:getoption("error"))
  server:close()
end)

t.case("refused: send tells once, then closed", function()
  local c = started("127.0.0.1", s.dead_port())
  writable(c)
  t.gives(nil, "connection refused", 0)(c:send("x"))
  t.gives(nil, "closed", 0)(c:send("x"))
end)

t.case("refused: receive tells once, then closed", function()
  local c = started("127.0.0.1", s.dead_port())
  writable(c)
  t.gives(nil, "connection refused", "")(c:receive(1))
  t.gives(nil, "closed", "")(c:receive(1))
end)

t.case("refused: select says readable and writable", function()
  local c = started("127.0.0.1", s.dead_port())
  writable(c)
  local r, w, err = t.results(2, socket.select({ c }, { c }, s.patience))
  t.equal(r[1], c)
  t.equal(w[1], c)
  t.equal(err, nil)
end)

t.case("a full queue: still in progress, then timeout from I/O", function()
  local server = socket.tcp4()
  assert(server:bind("127.0.0.1", 0))
  assert(server:listen(0))
  local port, clients = s.port(server), {}
  for i = 1, 8 do
    clients[i] = socket.tcp()
    clients[i]:settimeout(0)
    clients[i]:connect("127.0.0.1", port)
  end
  local last = clients[8]
  t.fails("Operation already in progress", last:connect("127.0.0.1", port))
  t.gives(nil, "timeout", "")(last:receive())
  t.gives(nil, "timeout", 0)(last:send("x"))
  local r, w, err = t.results(3, socket.select({ last }, { last }, 0))
  t.equal(#r + #w, 0)
  t.equal(err, "timeout")
  t.fails("Transport endpoint is not connected", last:getpeername())
end)

t.case("the idiom works with limits set after the start", function()
  local server, port = s.listener()
  local c = started("127.0.0.1", port)
  c:settimeout(s.patience)
  t.gives(3, nil, nil)(c:send("one"))
  local a = t.ok(server:accept())
  a:settimeout(s.patience)
  t.gives("one", nil, nil)(a:receive(3))
end)

t.case("many attempts at once", function()
  local server, port = s.listener("127.0.0.1", 128)
  local pending, count = {}, 0
  for i = 1, 60 do pending[i] = started("127.0.0.1", port) end
  while #pending > 0 and count < 60 do
    local _, ready = socket.select(nil, pending, s.patience)
    t.ok(#ready > 0, "select found none")
    for _, c in ipairs(ready) do
      local ok, err = c:connect("127.0.0.1", port)
      t.ok(ok == 1, err)
      count = count + 1
      for i, p in ipairs(pending) do
        if p == c then table.remove(pending, i) break end
      end
    end
  end
  t.equal(count, 60)
  server:settimeout(0)
  local accepted = 0
  while server:accept() do accepted = accepted + 1 end
  t.equal(accepted, 60)
end)

t.case("an unreadable name fails at once and not as a timeout", function()
  local c = socket.tcp()
  c:settimeout(0)
  t.fails("host or service not provided, or not known", c:connect("a..b", 80))
end)
