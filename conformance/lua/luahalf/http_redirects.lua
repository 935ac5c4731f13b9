-- Redirects: which are followed, and what goes with them.

local t, s = ...
local http = require("socket.http")
local ltn12 = require("ltn12")

local OK = "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"

local function to(location, code)
  return "HTTP/1.1 " .. (code or 302) .. " x\nLocation: " .. location .. "\nContent-Length: 4\n\ngone"
end

t.case_for({ 301, 302, 303, 307 }, "a redirect is followed", function(code)
  local server = s.server(to("../b?c", code), OK)
  local body, got, headers = http.request(server.url .. "/x/a")
  t.equal(body, "hello")
  t.equal(got, 200)
  t.equal(headers.location, "../b?c")
  server:asked()
  t.equal(server:asked().line, "GET /b?c HTTP/1.1")
end)

t.case("308 is followed too", function()
  local server = s.server(to("/b", 308), OK)
  t.equal(select(2, http.request(server.url)), 200)
end)

t.case("to another server", function()
  local other = s.server(OK)
  local server = s.server(to(other.url .. "/there"))
  t.equal(http.request(server.url), "hello")
  t.equal(other:asked().fields.host, "127.0.0.1:" .. other.port)
end)

t.case("the body of the redirect does not reach the sink", function()
  local server = s.server(to("/b"), OK)
  local sink, list = ltn12.sink.table()
  t.gives(1, 200)((function(done, code) return done, code end)(http.request({ url = server.url, sink = sink })))
  t.equal(table.concat(list), "hello")
end)

t.case("HEAD stays HEAD", function()
  local server = s.server(to("/b"), "HTTP/1.1 200 OK\nContent-Length: 5\n\n")
  t.equal(select(2, http.request({ url = server.url, method = "HEAD" })), 200)
  server:asked()
  t.equal(server:asked().line, "HEAD /b HTTP/1.1")
end)

t.case("queries are taken as they are", function()
  local server = s.server(to("/b?next=/../c"), OK)
  http.request(server.url)
  server:asked()
  t.equal(server:asked().line, "GET /b?next=/../c HTTP/1.1")
end)

t.case("a blank inside a location is escaped", function()
  local server = s.server(to("/b c"), OK)
  t.equal(http.request(server.url), "hello")
  server:asked()
  t.equal(server:asked().line, "GET /b%20c HTTP/1.1")
end)

t.case("from a request in parts", function()
  local server = s.server(to("../b?c"), OK)
  local request = { scheme = "http", host = "127.0.0.1", port = server.port, path = "/x/a" }
  t.equal(select(2, http.request(request)), 200)
  server:asked()
  t.equal(server:asked().line, "GET /b?c HTTP/1.1")
end)

local function not_followed(request, location, code)
  local server = s.server(to(location or "/b", code))
  local sink, list = ltn12.sink.table()
  request.url, request.sink = server.url .. "/", sink
  local _, got, headers = http.request(request)
  t.equal(got, code or 302)
  t.equal(headers.location, location or "/b")
  if request.method ~= "HEAD" then t.equal(table.concat(list), "gone") end
end

t.case("not if the request says so", function() not_followed({ redirect = false }) end)
t.case("not what is neither GET nor HEAD", function()
  not_followed({ method = "POST" })
  not_followed({ method = "POST" }, nil, 303)
end)
t.case("not what has a body, which is used up", function()
  not_followed({ source = ltn12.source.string("query"), headers = { ["content-length"] = 5 } })
end)
t.case("not to schemes that nobody knows", function() not_followed({}, "ftp://127.0.0.1/") end)
t.case("not to nowhere", function() not_followed({}, "") end)
t.case("not other codes", function() not_followed({}, nil, 300) end)
t.case("not more often than asked for", function() not_followed({ maxredirects = 0 }) end)

t.case("five times, if nothing is said", function()
  local server = s.server(to("/1"), to("/2"), to("/3"), to("/4"), to("/5"), to("/6"))
  t.equal(select(2, http.request(server.url)), 302)
  for i = 1, 5 do server:asked() end
  t.equal(server:asked().line, "GET /5 HTTP/1.1")
end)

t.case("as often as it takes with maxredirects = false", function()
  local server = s.server(to("/1"), to("/2"), to("/3"), to("/4"), to("/5"), to("/6"), OK)
  t.equal(select(2, http.request({ url = server.url, maxredirects = false })), 200)
end)

t.case("header fields go along", function()
  local server = s.server(to("/b"), OK)
  http.request({ url = server.url, headers = { ["x-foo"] = "1", authorization = "secret" } })
  server:asked()
  local asked = server:asked()
  t.equal(asked.fields["x-foo"], "1")
  t.equal(asked.fields.authorization, "secret")
end)

t.case("what only the first server may know stays there", function()
  local other = s.server(OK)
  local server = s.server(to(other.url .. "/there"))
  local headers = { ["x-foo"] = "1", Authorization = "secret", Cookie = "id=1", host = "first" }
  http.request({ url = server.url, user = "u", password = "w", headers = headers })
  t.equal(server:asked().fields.authorization, "secret")
  local asked = other:asked()
  t.equal(asked.fields["x-foo"], "1")
  t.equal(asked.fields.authorization, nil)
  t.equal(asked.fields.cookie, nil)
  t.equal(asked.fields.host, "127.0.0.1:" .. other.port)
end)

t.case("the request is as it was afterwards", function()
  local server = s.server(to("/b"), OK)
  local request = { url = server.url }
  http.request(request)
  t.equal(next(request, (next(request))), nil)
end)
