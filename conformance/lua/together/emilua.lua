-- Emilua's fibers and sockets, with every other dialect at the other end and in them.

local t, s = ...
local emilua = require("emilua")
local ip, byte_span = emilua.ip, emilua.byte_span

--- Runs `body` as Emilua's main fiber; an error in it is the case's.
local function in_emilua(body)
  local why
  local ok, err = emilua.run(function()
    local fine, problem = pcall(body)
    if not fine then why = problem end
  end)
  if why ~= nil then error(why, 0) end
  t.ok(ok, err)
end

local function read(socket, count)
  local buffer, out = byte_span.new(1024), ""
  while #out < count do
    local got = socket:read_some(buffer)
    out = out .. tostring(buffer:slice(1, got))
  end
  return out
end

local function write(socket, text)
  local span = byte_span.append(text)
  while #span > 0 do span = span:slice(1 + socket:write_some(span)) end
end

t.case("an Emilua server, and a client of each dialect in a fiber", function()
  in_emilua(function()
    local acceptor = ip.tcp.acceptor.new()
    local address = ip.address.new("127.0.0.1")
    acceptor:open(address)
    acceptor:bind(address, 0)
    acceptor:listen()
    local port = acceptor.local_port
    local server = emilua.spawn(function()
      for _ = 1, #s.dialects do
        local a = acceptor:accept()
        emilua.spawn(function()
          local text = read(a, 5)
          write(a, text:upper())
          a:close()
        end):detach()
      end
    end)
    local clients = {}
    for i, dialect in ipairs(s.dialects) do
      clients[i] = emilua.spawn(function()
        local c = dialect.connect(port)
        dialect.send(c, "hello")
        local answer = dialect.rest(c)
        c:close()
        return answer
      end)
    end
    for i, dialect in ipairs(s.dialects) do t.equal(clients[i]:join(), "HELLO", dialect.name) end
    server:join()
    acceptor:close()
  end)
end)

t.case("a server of each dialect, and an Emilua client", function()
  for _, dialect in ipairs(s.dialects) do
    in_emilua(function()
      local listener, port = dialect.listen()
      local server = emilua.spawn(function()
        local a = dialect.accept(listener)
        dialect.send(a, (dialect.receive(a, 5):upper()))
        a:close()
      end)
      local c = ip.tcp.socket.new()
      c:connect(ip.address.new("127.0.0.1"), port)
      write(c, "hello")
      t.equal(read(c, 5), "HELLO", dialect.name)
      server:join()
      c:close()
      listener:close()
    end)
  end
end)

t.case("an interrupt ends nixio's calls too", function()
  in_emilua(function()
    local nixio = s.nixio
    local listener = s.dialects[2].listen()
    for _, call in ipairs({
      function() return listener:accept() end,
      function() return nixio.poll({ { fd = listener, events = 1 } }, -1) end,
    }) do
      local results
      local fiber = emilua.spawn(function() results = t.pack(call()) end)
      emilua.this_fiber.yield()
      fiber:interrupt()
      fiber:join()
      t.gives(nil, nixio.const.ECANCELED, "Operation canceled")(results[1], results[2], results[3])
    end
    listener:close()
  end)
end)
