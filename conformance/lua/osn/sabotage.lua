-- What of this dialect is broken to see that the cases notice; sabotage/init.lua says how.
return {
  modules = { "osn" },
  excused = {
    ["osn.connect: argument 1 without its color"] = "it means nothing, and that is what the case says",
    ["osn.udp_socket: argument 1 without its protocol"] = "the protocol is udp whatever is said",
    ["osn udp socket:send: argument 2 without its family"] = "an address tells its own",
  },
}
