-- Each dialect's way of waiting for several sockets, over those of the others.

local t, s = ...
local socket, nixio = s.socket, s.nixio

--- A connected pair of each dialect that tells its descriptor's number.
local function pairs_of_all()
  local clients, accepted = {}, {}
  for _, dialect in ipairs(s.dialects) do
    local listener, port = dialect.listen()
    local c, a = dialect.connect(port), nil
    a = dialect.accept(listener)
    listener:close()
    if a.getfd then
      clients[#clients + 1] = { dialect = dialect, socket = c }
      accepted[#accepted + 1] = a
    end
  end
  return clients, accepted
end

t.case("select over sockets of others", function()
  local clients, accepted = pairs_of_all()
  t.ok(#accepted >= 2)
  t.equal(#socket.select(accepted, nil, 0), 0)
  for i, client in ipairs(clients) do
    client.dialect.send(client.socket, "x")
    local ready = socket.select(accepted, nil, 5)
    t.equal(#ready, 1)
    t.equal(ready[1], accepted[i])
    t.equal(client.dialect.receive(accepted[i], 1), "x")
  end
end)

t.case("nixio's poll over sockets of others", function()
  local clients, accepted = pairs_of_all()
  local list = {}
  for i, a in ipairs(accepted) do list[i] = { fd = a, events = nixio.const.POLLIN } end
  t.gives(false)(nixio.poll(list, 0))
  for i, client in ipairs(clients) do
    client.dialect.send(client.socket, "x")
    t.equal((nixio.poll(list, 5000)), 1)
    for j, entry in ipairs(list) do t.equal(entry.revents, i == j and nixio.const.POLLIN or 0) end
    t.equal(client.dialect.receive(accepted[i], 1), "x")
  end
end)

t.case("nixio's poll sees what LuaSocket has buffered", function()
  local listener, port = s.dialects[1].listen()
  local c = socket.connect("127.0.0.1", port)
  local a = listener:accept()
  c:send("one\ntwo\n")
  t.equal(a:receive(), "one")
  local list = { { fd = a, events = nixio.const.POLLIN } }
  t.gives(1, list)(nixio.poll(list, 0))
  t.equal(list[1].revents, nixio.const.POLLIN)
  t.equal(a:receive(), "two")
  t.gives(false)(nixio.poll(list, 0))
end)
