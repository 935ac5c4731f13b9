-- What a program pays once: the module MODULE is loaded, or nothing where it is "none".
if arg[4] ~= "none" then require(arg[4]) end
io.write("done\n")
io.flush()
io.read()
os.exit(0)
