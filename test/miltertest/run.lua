-- Runs the script and says what failed, which miltertest itself does not.
mt.set_timeout(60)
ok, why = pcall(dofile, script)
if not ok then
	print(why)
	error(why)
end
