-- Where an answer's body ends.

local t, s = ...
local http = require("socket.http")
local ltn12 = require("ltn12")

local HEAD = "HTTP/1.1 200 OK\n"

local function gets(answer, request)
  local server = s.server(answer)
  local sink, list = ltn12.sink.table()
  request = request or {}
  request.url, request.sink = server.url, sink
  local done, code, headers = http.request(request)
  if not done then return nil, code end
  return table.concat(list), code, headers, #list
end

t.case("with the connection", function()
  t.equal(gets(HEAD .. "\nuntil closed"), "until closed")
  t.equal(gets(HEAD .. "\n"), "")
end)

t.case("after a length", function()
  t.equal(gets(HEAD .. "Content-Length: 5\n\nhello and more"), "hello")
  t.equal(gets(HEAD .. "Content-Length: 0\n\n"), "")
  t.equal(#gets(HEAD .. "Content-Length: 100000\n\n" .. ("x"):rep(100000)), 100000)
  t.gives(nil, "closed")(gets(HEAD .. "Content-Length: 50\n\nhello"))
end)

t.case("lengths that are none are not there", function()
  t.equal(gets(HEAD .. "Content-Length: many\n\nhello"), "hello")
end)

t.case("blanks behind a header field are none of its value", function()
  local body, _, headers = gets(HEAD .. "Content-Length: 5 \t\nX-Words: a b  \n\nhello")
  t.equal(body, "hello")
  t.equal(headers["x-words"], "a b")
end)

t.case("the same length twice is one length", function()
  t.equal(gets(HEAD .. "Content-Length: 5\nContent-Length: 5\n\nhello and more"), "hello")
end)

t.case("after the last chunk", function()
  t.equal(gets(HEAD .. "Transfer-Encoding: chunked\n\n5;ext=1\nhello\n6\n world\n0\nX-Trailer: t\n\nmore"), "hello world")
  t.equal(gets(HEAD .. "Transfer-Encoding: Chunked\nContent-Length: 3\n\n0A\n0123456789\n000\n\n"), "0123456789")
  t.equal(gets(HEAD .. "Transfer-Encoding: gzip, chunked\n\n1\nx\n0\n\n"), "x")
end)

t.case("a large chunk comes in pieces", function()
  local size = 300000
  local body, _, _, pieces = gets(HEAD .. ("Transfer-Encoding: chunked\n\n%x\n%s\n0\n\n"):format(size, ("x"):rep(size)))
  t.equal(#body, size)
  t.near(pieces, 2, 100, "pieces")
end)

t.case("identity is no encoding", function()
  t.equal(gets(HEAD .. "Transfer-Encoding: identity\nContent-Length: 3\n\nabc and more"), "abc")
end)

t.case("chunks that are none", function()
  for _, size in ipairs({ "zz", "-5", "", "fffffffffffffffff", "5 x" }) do
    t.gives(nil, "invalid chunk size")(gets(HEAD .. "Transfer-Encoding: chunked\n\n" .. size .. "\nhello\n0\n\n"))
  end
  t.gives(nil, "closed")(gets(HEAD .. "Transfer-Encoding: chunked\n\nff\nhello"))
end)

t.case("a chunk that is longer than it says", function()
  t.gives(nil, "invalid chunk")(gets(HEAD .. "Transfer-Encoding: chunked\n\n3\nhello\n0\n\n"))
end)

t.case("answers without a body", function()
  for _, code in ipairs({ 204, 304 }) do
    local body, got = gets("HTTP/1.1 " .. code .. " x\nContent-Length: 5\n\n")
    t.equal(body, "")
    t.equal(got, code)
  end
  local body, _, headers = gets(HEAD .. "Content-Length: 5\n\n", { method = "HEAD" })
  t.equal(body, "")
  t.equal(headers["content-length"], "5")
end)

t.case("HTTP/0.9 is nothing but a body", function()
  local server = s.server("<html>as it\nwas</html>")
  local body, code, headers, status = http.request(server.url)
  t.equal(body, "<html>as it\r\nwas</html>")
  t.equal(code, 200)
  t.equal(headers, nil)
  t.equal(status, nil)
end)

t.case("HTTP/0.9, a very short page", function()
  t.equal(gets("hi"), "hi")
end)

t.case("a sink that refuses", function()
  local server = s.server(HEAD .. "Content-Length: 5\n\nhello")
  t.gives(nil, "full")(http.request({ url = server.url, sink = ltn12.sink.error("full") }))
end)

t.case("bare line feeds end lines as well", function()
  local server = s.serve([[
    repeat local line = c:receive() until line == "" or not line
    c:send("HTTP/1.0 200 OK\nContent-Length: 2\n\nlf")
  ]])
  local sink, list = ltn12.sink.table()
  t.ok(http.request({ url = "http://127.0.0.1:1/", sink = sink, create = function()
    return setmetatable({}, { __index = function(_, name)
      if name == "connect" then return function() return 1 end end
      return function(_, ...) return server[name](server, ...) end
    end })
  end }))
  t.equal(table.concat(list), "lf")
end)
