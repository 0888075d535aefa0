"""The actions that dump a database and restore it into another server, against two real servers. Both have the same
version, since Debian has one; what another version changes is asked of the check with versions that are made up.

Run: python3 tests/actions/postgres_dump_test.py
Needs root and PostgreSQL 15 on this machine; says so and is skipped where one of them is missing.
"""

from postgres_servers import BIN, ETC, PostgresCase, Server, psql, run, run_tests

SOURCE, TARGET = ("15", "main"), ("15", "target")
OWNER, OTHER = "exit/housing/db", "exit/rents/db"
LOCALE = ("UTF8", "C.UTF-8", "C.UTF-8", "libc", "")
NOWHERE = 1  # no server listens there: each is found by its version and its cluster


class DumpRestore(PostgresCase):
    def setUp(self):
        super().setUp()
        run("cp", "-a", str(self.empty), str(self.source.data.parent / "target"))
        self.target = Server(self.source.data.parent / "target", 5433)
        self.target.start()
        self.addCleanup(self.target.stop)
        self.dump = self.folder / "dump"

    def fill(self):
        psql(5432, "postgres", """
            create role tenant login password 'geheim' connection limit 7;
            create role "odd role" nologin;
            grant "odd role" to tenant""")
        psql(5432, "housing", """
            create table repairs (id serial primary key, note text, at timestamptz default now(), cost float8);
            insert into repairs (note, cost) select 'tap ' || n, n / 3.0 from generate_series(1, 1000) n;
            alter table repairs owner to tenant;
            create table "odd|name" (shape point, tags text[]);
            insert into "odd|name" values ('(1,2)', '{a,b}');
            create materialized view counted as select count(*) from repairs;
            create unlogged table scratch (n int);
            insert into scratch values (1);
            create sequence tickets start 41;
            select nextval('tickets');
            select lo_from_bytea(0, 'a plan of the house');
            create table parted (n int) partition by range (n);
            create table parted_low partition of parted for values from (0) to (10);
            insert into parted select generate_series(0, 9)""")
        psql(5432, "postgres", """
            alter database housing owner to tenant;
            alter database housing connection limit 33;
            comment on database housing is 'one of
alter database "x" connection limit 7;';
            alter database housing set search_path = 'public', "odd schema";
            alter database housing set application_name = 'it''s housing';
            alter role tenant in database housing set work_mem = '5MB';
            revoke connect on database housing from public;
            grant connect on database housing to "odd role" """)

    def check(self, database="housing", version_num="150000", locale=LOCALE, extensions="", owner=OWNER,
              roles="[]", differing="refuse", expected=0):
        return self.action("postgres-restore-check/restore-check.sh", *TARGET, database, owner, self.came_from(),
                           version_num, *locale, extensions, roles, differing, port=NOWHERE, expected=expected)[0]

    def inspect(self, version="15", cluster="main", database="housing", others="", jobs="2", expected=0):
        return self.action("postgres-dump-source/dump-source.sh", version, cluster, database, others, jobs,
                           port=NOWHERE, expected=expected)

    def content(self, port):
        cluster = SOURCE if port == 5432 else TARGET
        return self.action("postgres-content/content.sh", *cluster, "housing", port=NOWHERE)[1]

    def dump_it(self, mode="dump", jobs="2", expected=0):
        return self.action("postgres-dump/dump.sh", mode, *SOURCE, "housing", str(self.dump), OWNER, jobs,
                           port=NOWHERE, expected=expected)

    def came_from(self):
        return psql(5432, "housing", "select system_identifier || '/' || oid from pg_control_system(), pg_database "
                                     "where datname = current_database()")

    def restore(self, expected=0, owner=OWNER, source=None, locale=LOCALE, jobs="2"):
        return self.action("postgres-restore/restore.sh", "restore", *TARGET, "housing", str(self.dump), owner,
                           source or self.came_from(), jobs, *locale, port=NOWHERE, expected=expected)[0]

    def on_target(self, script, mode, expected=0, owner=OWNER, source=None):
        return self.action(script, mode, *TARGET, "housing", str(self.dump), owner, source or self.came_from(),
                           port=NOWHERE, expected=expected)[0]

    def databases(self, port=5433):
        return psql(port, "postgres", "select datname from pg_database where datname !~ 'template' order by 1").split()

    def test_the_source_says_what_it_needs(self):
        outputs = self.inspect()[1]
        self.assertEqual((outputs["encoding"], outputs["collate"], outputs["extensions"]), ("UTF8", "C.UTF-8", ""))
        self.assertRegex(outputs["version_num"], "^15[0-9]{4}$")
        self.assertEqual(outputs["port"], "5432")
        self.assertEqual(outputs["source"], self.came_from())
        self.check(version_num=outputs["version_num"])

    def test_a_prepared_transaction_is_in_no_dump(self):
        self.source.stop()
        self.source.start("max_prepared_transactions=3")
        psql(5432, "housing", "begin; insert into repairs (note) values ('lost'); prepare transaction 'odd | gid'")
        psql(5432, "postgres", "create database rents")
        psql(5432, "rents", "begin; create table rent (); prepare transaction 'of another'")
        said = self.inspect(others="rents", expected=1)[0]
        self.assertRegex(said, r"no dump has what is prepared and not committed: 'odd \| gid' of postgres since \d{4}-")
        self.assertNotIn("of another", said)
        # What was prepared before the fence stands behind it too.
        self.action("postgres-quiesce/quiesce.sh", "quiesce", "15", "main")
        for said in (self.inspect(others="rents", expected=1), self.dump_it(expected=1), self.action(
                "postgres-content/content.sh", *SOURCE, "housing", port=NOWHERE, expected=1)):
            self.assertIn("'odd | gid'", said[0])
        psql(5432, "housing", "commit prepared 'odd | gid'")
        self.inspect(others="rents")

    def test_no_jobs_are_refused_before_anything_is_stopped(self):
        for jobs in ("0", "00", "", "-1", "two", "a[$(id)]"):
            self.assertIn("is not a number of jobs", self.inspect(jobs=jobs, expected=1)[0])
            self.assertIn("is not a number of jobs", self.dump_it(jobs=jobs, expected=1)[0])
            self.assertIn("is not a number of jobs", self.restore(jobs=jobs, expected=1))
        self.inspect(jobs="10")

    def test_other_databases_stay_behind_only_where_that_is_said(self):
        psql(5432, "postgres", "create database rents")
        psql(5432, "postgres", 'create database "odd, name"')
        psql(5432, "postgres", "create database closed allow_connections false")
        self.assertIn('do not move: "closed", "odd, name", "rents"', self.inspect(expected=1)[0])
        psql(5432, "postgres", 'drop database "odd, name"')
        self.assertIn('do not move: "closed" (', self.inspect(others="nothing,rents", expected=1)[0])
        self.inspect(others=" rents , closed ")
        psql(5432, "postgres", "create table forgotten ()")
        self.assertIn('do not move: "postgres" (', self.inspect(others="rents, closed", expected=1)[0])

    def test_versions(self):
        """A dump goes to the same version or a newer one; a minor version is no obstacle."""
        for fine in ("120000", "140021", "150000", "159999"):
            self.check(version_num=fine)
        for newer in ("160000", "180001"):
            said = self.check(version_num=newer, expected=1)
            self.assertIn(f"the source runs PostgreSQL {int(newer) // 10000}, the target 15: a dump does not go back",
                          said)

    def test_versions_that_nothing_is_known_of(self):
        self.assertIn("12 is the oldest that is moved", self.check(version_num="110022", expected=1))
        self.assertIn("is not a version", self.check(version_num="a[$(id)]", expected=1))
        for folder in (BIN.parent.parent / "16", ETC / "16"):
            self.addCleanup(folder.unlink)
        (BIN.parent.parent / "16").symlink_to(BIN.parent)
        (ETC / "16").symlink_to(ETC / "15")
        self.assertIn("is PostgreSQL 15, the plan moves version 16", self.inspect(version="16", expected=1)[0])
        self.assertIn("is PostgreSQL 15, the plan moves to version 16", self.action(
            "postgres-restore-check/restore-check.sh", "16", "target", "housing", OWNER, "1/1", "150000", *LOCALE, "",
            "[]", "refuse", expected=1)[0])

    def test_a_cluster_that_is_not_running(self):
        self.assertIn("no server of 15/none is running", self.inspect(cluster="none", expected=1)[0])

    def test_everything_that_is_wrong_is_said_at_once(self):
        psql(5433, "postgres", "create database housing")
        said = self.check(version_num="160000", locale=("UTF8", "xx_XX.UTF-8", "C.UTF-8", "libc", ""),
                          extensions="nowhere:1.0", expected=1)
        for words in ("does not go back", "has a database housing already", "xx_XX.UTF-8", "no extension nowhere"):
            self.assertIn(words, said)
        self.assertEqual(self.databases(), ["housing", "postgres"], "the probe leaves nothing")

    def test_a_locale_of_icu_is_kept(self):
        psql(5432, "postgres", """
            create database german template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'
            locale_provider icu icu_locale 'de-u-co-phonebk'""")
        outputs = self.inspect(database="german", others="housing")[1]
        locale = [outputs[name] for name in ("encoding", "collate", "ctype", "provider", "locale")]
        self.assertEqual(locale, ["UTF8", "C", "C.UTF-8", "icu", "de-u-co-phonebk"])
        self.check(locale=locale)
        self.dump_it()
        self.restore(locale=locale)
        self.assertEqual(psql(5433, "postgres", "select datlocprovider, daticulocale, datcollate, datctype "
                                                "from pg_database where datname = 'housing'"),
                         "i|de-u-co-phonebk|C|C.UTF-8")
        self.assertIn("locale x of odd", self.check(locale=("UTF8", "C", "C", "odd", "x"), expected=1))

    def test_an_extension_that_is_older_on_the_target(self):
        self.check(extensions="plpgsql:1.0")
        self.assertIn("offers extension plpgsql 1.0, older than the source's 1.10",
                      self.check(extensions="plpgsql:1.10", expected=1))

    def test_all_of_it_arrives_and_is_closed_until_it_is_opened(self):
        self.dump_it()
        self.assertEqual(self.dump.stat().st_mode & 0o777, 0o700, "the roles' passwords are in it")
        self.on_target("postgres-restore/restore.sh", "seen", expected=1)
        self.restore()
        self.on_target("postgres-restore/restore.sh", "seen")
        self.assertEqual(self.content(5433), self.content(5432))
        found = self.content(5433)
        self.assertEqual((found["tables"], found["rows"], found["sequences"]), ("4", "1012", "2"))
        query = """
            select rolname, rolconnlimit, rolpassword from pg_authid where rolname in ('tenant', 'odd role') order by 1;
            select datdba::regrole, datcollate, encoding, array(select a::text from unnest(datacl) a order by 1)
            from pg_database where datname = 'housing';
            select setrole = 0, setconfig from pg_db_role_setting order by 1;
            select nextval('tickets')"""
        self.assertEqual(psql(5433, "housing", query), psql(5432, "housing", query))
        limit = "select datconnlimit from pg_database where datname = 'housing'"
        self.assertEqual(psql(5433, "postgres", limit), "0")
        self.on_target("postgres-open/open.sh", "seen", expected=1)
        for _ in range(2):
            self.on_target("postgres-open/open.sh", "open")
        self.on_target("postgres-open/open.sh", "seen")
        self.assertEqual(psql(5433, "postgres", limit), "33")
        comment = "select shobj_description(oid, 'pg_database') from pg_database where datname = 'housing'"
        self.assertEqual(psql(5433, "postgres", comment), psql(5432, "postgres", comment))
        analysed = psql(5433, "housing", "select count(*) from pg_statistic where starelid = 'repairs'::regclass")
        self.assertNotEqual(analysed, "0")

    def test_content_differs_by_one_value_of_a_row_and_by_a_sequence(self):
        self.dump_it()
        self.restore()
        before = self.content(5433)
        for change in ("update repairs set cost = cost + 1e-9 where id = 7", "select nextval('tickets')",
                       "insert into scratch values (2)"):
            psql(5433, "housing", change)
            after = self.content(5433)
            self.assertNotEqual(after["digest"], before["digest"], change)
            before = after

    def test_a_table_with_a_column_of_any_name_is_read(self):
        psql(5432, "housing", """
            create table tap (t text, x int);
            insert into tap values ('same', 1);
            create table bare ();
            insert into bare default values""")
        before = self.content(5432)
        psql(5432, "housing", "update tap set x = 2")
        self.assertNotEqual(self.content(5432)["digest"], before["digest"])
        self.assertEqual(before["rows"], "1014")

    def test_a_name_is_no_command(self):
        """Whoever may make a table chooses its name, and root reads it."""
        ran = self.folder / "ran"
        name = f"|0|\ntable x|rows[$(>{ran})]|0\n"
        self.assertLess(len(name), 62)  # a longer one would be cut
        psql(5432, "housing", f"""
            create table "{name}" (n int);
            insert into "{name}" values (1);
            create sequence "{name}s" """)
        found = self.content(5432)
        self.assertFalse(ran.exists())
        self.assertEqual((found["tables"], found["rows"], found["sequences"]), ("5", "1013", "3"))

    def test_what_a_restore_makes_anew_is_not_compared(self):
        """A view is filled from what its tables hold now; an extension's tables are those of its version there."""
        psql(5432, "housing", """
            insert into repairs (note) values ('newer than the view');
            create table of_extension (version text);
            insert into of_extension values ('1.0');
            create sequence of_extension_too;
            insert into pg_depend select 'pg_class'::regclass, c, 0, 'pg_extension'::regclass, oid, 0, 'e'
            from pg_extension, unnest(array['of_extension', 'of_extension_too']::regclass[]) c""")
        self.dump_it()
        self.restore()
        psql(5433, "housing", """
            create table of_extension (version text, more int);
            create sequence of_extension_too;
            insert into pg_depend select 'pg_class'::regclass, c, 0, 'pg_extension'::regclass, oid, 0, 'e'
            from pg_extension, unnest(array['of_extension', 'of_extension_too']::regclass[]) c""")
        self.assertEqual(self.content(5433), self.content(5432))
        psql(5433, "housing", "drop materialized view counted")
        self.assertNotEqual(self.content(5433), self.content(5432))

    def test_a_fenced_source_is_dumped(self):
        self.action("postgres-quiesce/quiesce.sh", "quiesce", "15", "main")
        self.dump_it()
        self.content(5432)
        self.action("postgres-quiesce/quiesce.sh", "undo", "15", "main")

    def test_done_again_after_it_broke_in_the_middle(self):
        self.dump_it()
        self.dump_it()
        toc = self.dump / "data" / "toc.dat"
        good = toc.read_bytes()
        toc.write_bytes(good[:200])
        self.restore(expected=1)
        self.assertNotIn("housing", self.databases(), "only what is whole has its name")
        self.on_target("postgres-restore/restore.sh", "seen", expected=1)
        toc.write_bytes(good)
        self.restore()
        self.restore()
        self.assertEqual(self.databases(), ["housing", "postgres"])

    def test_undo_takes_back_its_own_and_nothing_else(self):
        self.dump_it()
        self.restore()
        for _ in range(2):
            self.on_target("postgres-restore/restore.sh", "remove")
            self.assertEqual(self.databases(), ["postgres"])
        psql(5433, "postgres", "create database housing")
        self.on_target("postgres-restore/restore.sh", "remove")
        self.assertIn("which this move did not make", self.restore(expected=1))
        self.assertEqual(self.databases(), ["housing", "postgres"])
        for _ in range(2):
            self.dump_it("remove")
        self.assertFalse(self.dump.exists())
        self.dump.mkdir()
        (self.dump / "precious").write_text("", encoding="ascii")
        for mode in ("dump", "remove"):
            self.assertIn("holds something else", self.dump_it(mode, expected=1)[0])
        self.assertEqual([path.name for path in self.dump.iterdir()], ["precious"])

    def test_what_another_move_made_stays(self):
        """Not opened yet, opened, and of the same move from another source: none of it is this move's."""
        self.dump_it()
        self.restore(owner=OTHER)
        psql(5433, "housing", "create table theirs ()")
        for step in (self.check, self.restore):
            self.assertIn("has a database housing already, which this move did not make: restored by ararat for "
                          f"{OTHER} from {self.came_from()}", step(expected=1))
        self.on_target("postgres-restore/restore.sh", "remove")
        self.assertIn("not the housing that was restored", self.on_target("postgres-open/open.sh", "open", expected=1))
        self.on_target("postgres-open/open.sh", "open", owner=OTHER)
        for step in (self.check, self.restore):
            for owner in (OWNER, OTHER):
                self.assertIn("has a database housing already", step(owner=owner, expected=1))
        for owner in (OWNER, OTHER):
            self.on_target("postgres-restore/restore.sh", "remove", owner=owner)
        self.assertEqual(psql(5433, "housing", "select to_regclass('theirs')"), "theirs")

    def test_the_same_name_from_another_source(self):
        self.dump_it()
        self.restore(source="1/1")
        self.assertIn("which this move did not make", self.restore(expected=1))
        self.on_target("postgres-restore/restore.sh", "remove")
        self.assertEqual(self.databases(), ["housing", "postgres"])

    def test_what_somebody_let_clients_into_stays(self):
        self.dump_it()
        self.restore()
        psql(5433, "postgres", "alter database housing connection limit 5")
        self.check(expected=1)
        self.restore(expected=1)
        self.on_target("postgres-restore/restore.sh", "remove")
        self.on_target("postgres-open/open.sh", "open", expected=1)
        self.assertEqual(self.databases(), ["housing", "postgres"])

    def test_a_half_one_and_a_probe_that_were_left_by_a_kill(self):
        self.dump_it()
        toc = self.dump / "data" / "toc.dat"
        good = toc.read_bytes()
        toc.write_bytes(good[:200])
        self.restore(expected=1)
        half = next(name for name in self.databases() if name != "postgres")
        self.assertRegex(half, "^ararat_half_[0-9a-f]{32}$")
        psql(5433, "postgres", f"create database {half.replace('half', 'probe')}")
        self.check()
        self.assertEqual(self.databases(), [half, "postgres"])
        psql(5433, "postgres", f"comment on database {half} is null")  # killed before it had marked it
        self.on_target("postgres-restore/restore.sh", "remove")
        self.assertEqual(self.databases(), ["postgres"])
        self.restore(expected=1)
        psql(5433, "postgres", f"comment on database {half} is 'precious'")
        self.on_target("postgres-restore/restore.sh", "remove")
        self.assertEqual(self.databases(), [half, "postgres"])

    def folder_action(self, script, *mode, owner=OWNER, expected=0):
        return self.action(f"postgres-{script}/{script}.sh", *mode, str(self.dump), owner, expected=expected)[0]

    def test_a_place_for_the_dump_and_its_end(self):
        for _ in range(2):
            self.folder_action("dump-folder", "make")
        self.assertEqual(self.dump.stat().st_mode & 0o777, 0o700)
        self.dump_it()
        for _ in range(2):
            self.folder_action("forget-dump")
        self.assertFalse(self.dump.exists())
        self.folder_action("dump-folder", "make")
        self.folder_action("dump-folder", "remove")
        self.dump.mkdir()
        (self.dump / "precious").write_text("", encoding="ascii")
        for action in (("dump-folder", "make"), ("dump-folder", "remove"), ("forget-dump",)):
            self.assertIn("holds something else", self.folder_action(*action, expected=1))
        self.assertEqual([path.name for path in self.dump.iterdir()], ["precious"])

    def test_the_folder_of_another_dump(self):
        self.folder_action("dump-folder", "make", owner=OTHER)
        for action in (("dump-folder", "make"), ("dump-folder", "remove"), ("forget-dump",)):
            self.assertIn(f"holds something else, of {OTHER}", self.folder_action(*action, expected=1))
        for mode in ("dump", "remove"):
            self.assertIn(f"holds something else, of {OTHER}", self.dump_it(mode, expected=1)[0])
        (self.dump / ".ararat-dump").write_text("", encoding="ascii")  # killed before it had written its name
        self.folder_action("dump-folder", "make")
        self.assertEqual((self.dump / ".ararat-dump").read_text(encoding="ascii"), f"{OWNER}\n")

    def test_a_removal_that_was_broken_off_goes_on(self):
        stays = self.dump / "data" / "stays"
        for remove in (lambda expected: self.folder_action("dump-folder", "remove", expected=expected),
                       lambda expected: self.folder_action("forget-dump", expected=expected),
                       lambda expected: self.dump_it("remove", expected=expected)):
            self.folder_action("dump-folder", "make")
            stays.mkdir(parents=True)
            run("mount", "--bind", str(stays), str(stays))  # which no rm removes
            remove(expected=1)
            run("umount", str(stays))
            remove(expected=0)
            self.assertFalse(self.dump.exists())

    OUTPUT_BYTES_MAX = 4096  # of one that the engine takes whole

    def test_sixty_roles_are_compared_one_by_one(self):
        names = [f"clerk of ward {n:02} \"at\" the depot" for n in range(60)]
        for port in (5432, 5433):
            psql(port, "postgres", ";".join(
                f"""create role "{name.replace('"', '""')}" login connection limit {n % 5}"""
                for n, name in enumerate(names)))
        psql(5432, "postgres", "".join(
            f"""grant "odd role" to "{name.replace('"', '""')}";""" for name in names[:30]))
        psql(5433, "postgres", 'create role "odd role" nologin;' + "".join(
            f"""grant "odd role" to "{name.replace('"', '""')}";""" for name in names[:30]))
        roles = self.inspect()[1]["roles"]
        self.assertLess(len(roles), self.OUTPUT_BYTES_MAX)
        self.check(roles=roles)
        psql(5433, "postgres", """alter role "clerk of ward 41 ""at"" the depot" connection limit 9""")
        self.assertIn(r'stay as they are: "clerk of ward 41 \"at\" the depot"' + "\n",
                      self.check(roles=roles, expected=1))

    def test_more_roles_than_can_be_told_are_accepted_or_refused(self):
        """Names that do not compress, so that no way of writing them is short enough."""
        psql(5432, "postgres", """
            select format('create role %I login', md5(n::text)) from generate_series(1, 400) n \\gexec""")
        roles = self.inspect()[1]["roles"]
        self.assertLess(len(roles), self.OUTPUT_BYTES_MAX)
        said = self.check(roles=roles, expected=1)
        self.assertIn("the source has 403 roles, more than can be compared one by one here", said)
        self.assertIn("403 roles", self.check(roles=roles, differing="accept"))

    def test_extensions_are_told_whatever_their_number(self):
        psql(5432, "housing", """
            set allow_system_table_mods = on;
            insert into pg_extension
            select 50000 + n, 'an_extension_of_this_house_' || n, 10, 2200, false, '1.' || n, null, null
            from generate_series(1, 200) n""")
        extensions = self.inspect()[1]["extensions"]
        self.assertLess(len(extensions), self.OUTPUT_BYTES_MAX)
        said = self.check(extensions=extensions, expected=1)
        self.assertIn("no extension an_extension_of_this_house_1 (the source uses 1.1)", said)
        self.assertIn("no extension an_extension_of_this_house_200 (the source uses 1.200)", said)

    def test_a_role_of_the_target_stays_as_it_is_there(self):
        psql(5433, "postgres", """
            create role tenant login password 'other' connection limit 2;
            create role "odd role" nologin""")
        known = """
            select rolname, rolpassword, rolconnlimit, shobj_description(oid, 'pg_authid') from pg_authid
            where rolname !~ '^pg_' order by 1;
            select * from pg_auth_members where member > 16383"""
        before = psql(5433, "postgres", known)
        roles = self.inspect()[1]["roles"]
        self.assertNotIn("SCRAM", roles)
        said = self.check(roles=roles, expected=1)
        self.assertIn('differ from the source\'s of the same name, and would stay as they are: "tenant"\n', said)
        self.assertIn('stay as they are: "tenant"\n', self.check(roles=roles, differing="accept"))
        # Alike by themselves; the one's membership in the other is on the source alone.
        psql(5433, "postgres", "alter role tenant connection limit 7")
        self.assertIn('stay as they are: "tenant"\n', self.check(roles=roles, expected=1))
        psql(5433, "postgres", 'grant "odd role" to tenant')
        self.check(roles=roles)
        psql(5433, "postgres", 'revoke "odd role" from tenant; alter role tenant connection limit 2')
        self.dump_it()
        self.restore()
        self.assertEqual(psql(5433, "postgres", known), before)
        self.on_target("postgres-open/open.sh", "open")
        self.on_target("postgres-restore/restore.sh", "remove")
        self.assertEqual(psql(5433, "postgres", known), before)

    ROLES = """
        select rolname, rolpassword, rolconnlimit, rolsuper, rolcreatedb, rolcanlogin, rolvaliduntil
        from pg_authid where oid > 16383 order by 1;
        select setrole::regrole::text, setconfig from pg_db_role_setting order by 1, 2;
        select roleid::regrole::text, member::regrole::text, admin_option from pg_auth_members
        where member > 16383 order by 1, 2"""

    def test_roles_follow_the_source_until_they_are_in_use(self):
        """What a rehearsal made, and the cutover would find changed."""
        psql(5432, "postgres", """
            create role gone;
            create role late valid until '2031-01-02 03:04:05+02';
            comment on role late is 'comes late';
            grant pg_read_all_data to late;
            alter role late set search_path = '$user', "Odd, one", public""")
        self.dump_it()
        self.restore()
        self.assertEqual(psql(5433, "postgres", self.ROLES), psql(5432, "postgres", self.ROLES))
        psql(5432, "postgres", """
            drop role gone;
            create role more superuser;
            alter role tenant password 'anders' connection limit -1 createdb;
            alter role late valid until 'infinity';
            alter role late reset search_path;
            alter role late set work_mem = '6MB';
            revoke "odd role" from tenant;
            grant late to tenant with admin option""")
        self.dump_it()
        self.check(roles=self.inspect()[1]["roles"])
        self.restore()
        self.assertEqual(psql(5433, "postgres", self.ROLES), psql(5432, "postgres", self.ROLES))
        psql(5433, "postgres", "create database theirs owner more")
        self.on_target("postgres-restore/restore.sh", "remove")
        self.assertEqual(psql(5433, "postgres", "select rolname from pg_roles where oid > 16383"), "more")
        self.restore()
        self.on_target("postgres-open/open.sh", "open")
        comments = "select rolname, shobj_description(oid, 'pg_authid') from pg_roles where oid > 16383 order by 1"
        self.assertEqual(psql(5433, "postgres", comments), psql(5432, "postgres", comments))
        self.assertIn("late|comes late", psql(5433, "postgres", comments))

    def test_a_setting_is_no_command(self):
        """Whoever may log in chooses his own settings; `from current` takes a list of names as it was given."""
        ran = self.folder / "ran"
        self.folder.chmod(0o777)
        psql(5432, "housing", f"""
            select set_config('search_path', 'x;\\!>{ran}', false);
            alter role tenant in database housing set search_path from current;
            alter role tenant set search_path from current""")
        self.dump_it()
        self.restore()
        self.on_target("postgres-open/open.sh", "open")
        self.assertFalse(ran.exists())
        kept = "select setconfig from pg_db_role_setting where setdatabase = 0"
        self.assertIn(str(ran), psql(5433, "postgres", kept))


if __name__ == "__main__":
    run_tests()
