--- Calls of socket.http on nginx: the URL, and one where nobody listens.

local show = dofile(arg[0]:match("^(.*)/") .. "/show.lua")
local http, ltn12, socket = require("socket.http"), require("ltn12"), require("socket")
local url, nobody = arg[1], arg[2]
http.TIMEOUT = 10

local function request(name, fields)
    local sink, list = ltn12.sink.table()
    fields.url, fields.sink = fields.url or url .. "/page", fields.sink or sink
    local result, code, headers, status = http.request(fields)
    -- nginx's date goes on while we are busy.
    if headers then headers.date = headers.date and "Date" end
    show(name, result, code, headers, status, table.concat(list))
end

local function get(name, ...)
    local body, code, headers, status = http.request(...)
    if headers then headers.date = headers.date and "Date" end
    show(name, body, code, headers, status)
end

get("a page", url .. "/page")
get("no page", url .. "/none")
get("a redirect", url .. "/moved")
get("a redirect to itself", url .. "/loop")
get("what needs a password", url .. "/private")
get("a password", (url:gsub("//", "//lua:moon@")) .. "/private")
get("a wrong password", (url:gsub("//", "//lua:sun@")) .. "/private")
get("a form", url .. "/post", "a=1&b=2")
get("a form where there is none", url .. "/page/none", "a=1")
get("nobody", nobody)
get("no host", "http://:80/")
request("GET", {})
request("HEAD", { method = "HEAD" })
request("OPTIONS", { method = "OPTIONS" })
request("DELETE", { method = "DELETE" })
request("an unknown method", { method = "BREW" })
request("a range", { headers = { range = "bytes=4-7" } })
request("several ranges", { headers = { Range = "bytes=0-1" } })
request("not modified", { headers = { ["if-modified-since"] = "Fri, 01 Jan 2100 00:00:00 GMT" } })
request("not followed", { url = url .. "/moved", redirect = false })
request("followed no times", { url = url .. "/moved", maxredirects = 0 })
request("not followed in a POST", { url = url .. "/moved", method = "POST", source = ltn12.source.empty(),
    headers = { ["content-length"] = 0 } })
request("a body with its length", { url = url .. "/echo/a", method = "PUT", source = ltn12.source.string("what is put"),
    headers = { ["content-length"] = 11 } })
request("a body in chunks", { url = url .. "/echo/b", method = "POST", source = ltn12.source.string(("x"):rep(100000)) })
request("a source that fails", { url = url .. "/echo/c", method = "POST", source = ltn12.source.error("source") })
request("a sink that fails", { sink = ltn12.sink.error("sink") })
request("create that fails", { create = function() return nil, "create" end })
request("create that tries", { create = function() return socket.try(nil, "try") end })
request("a proxy that is none", { url = "http://example.org/", proxy = nobody })
request("the server as a proxy", { url = "http://example.org/page", proxy = url })
request("a large file", { url = url .. "/large" })
