--- Calls of socket.ftp on a real server: host and port, a folder on it that can be written to, a port where nobody listens.

local show = dofile(arg[0]:match("^(.*)/") .. "/show.lua")
local ftp, ltn12 = require("socket.ftp"), require("ltn12")
local port, folder, nobody = arg[1], arg[2], arg[3]
local url = "ftp://127.0.0.1:" .. port
ftp.TIMEOUT = 10

local function with(fields)
    fields.host, fields.port = "127.0.0.1", port
    return fields
end

show("get", ftp.get(url .. "/small;type=i"))
show("get as text", ftp.get(url .. "/small;type=a"))
show("get without a type", ftp.get(url .. "/small"))
show("get a large file", ftp.get(url .. "/large;type=i"))
show("get what is not there", ftp.get(url .. "/none;type=i"))
show("get a folder", ftp.get(url .. "/" .. folder .. ";type=i"))
show("get a name with a blank", ftp.get(url .. "/a%20b;type=i"))
show("put", ftp.put(url .. "/" .. folder .. "/new;type=i", "what is\r\nput\0"))
show("get it back", ftp.get(url .. "/" .. folder .. "/new;type=i"))
show("put nothing", ftp.put(url .. "/" .. folder .. "/empty;type=i", ""))
show("get nothing", ftp.get(url .. "/" .. folder .. "/empty;type=i"))
show("put where it may not be", ftp.put(url .. "/new;type=i", "x"))
local sink, list = ltn12.sink.table()
show("a list of names", ftp.get(with({ command = "nlst", sink = sink, type = "a" })))
local names = table.concat(list):gsub("\r\n", " ")
show("the names", names)
show("append", ftp.put(with({ command = "appe", argument = folder .. "/new", type = "i", source = ltn12.source.string("more") })))
show("the whole", ftp.get(url .. "/" .. folder .. "/new;type=i"))
show("a folder of its own", ftp.command(with({ command = "mkd", argument = folder .. "/sub", check = 257 })))
show("once more", ftp.command(with({ command = "mkd", argument = folder .. "/sub", check = 257 })))
show("several commands", ftp.command(with({ command = { "cwd", "pwd" }, argument = { folder }, check = { 250, 257 } })))
show("a command that is none", ftp.command(with({ command = "brew", check = 200 })))
show("a wrong user", ftp.get("ftp://nobody:x@127.0.0.1:" .. port .. "/small"))
show("a source that fails", ftp.put(with({ path = "/" .. folder .. "/broken", source = ltn12.source.error("source") })))
show("a sink that fails", ftp.get(with({ path = "/small", sink = ltn12.sink.error("sink") })))
show("nobody", ftp.get("ftp://127.0.0.1:" .. nobody .. "/x"))
show("no host", ftp.get({ path = "/x", sink = ltn12.sink.null() }))
show("another scheme", ftp.get("http://127.0.0.1/"))
