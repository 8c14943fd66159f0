(* Finite sums of reals, of any length. *)

Lemma sum_scaled (a : R) (u : nat -> R) (n : nat) :
  sum_n (fun k => a * u k) n = a * sum_n u n.
Proof. exact (sum_n_mult_l a u n). Qed.

Lemma sum_equal (u v : nat -> R) (n : nat) :
  (forall k, u k = v k) -> sum_n u n = sum_n v n.
Proof. exact (sum_n_ext u v n). Qed.

Lemma sum_equal_up_to (u v : nat -> R) (n : nat) :
  (forall k, (k <= n)%nat -> u k = v k) -> sum_n u n = sum_n v n.
Proof. exact (sum_n_ext_loc u v n). Qed.

Lemma sum_next (u : nat -> R) (n : nat) : sum_n u (S n) = sum_n u n + u (S n).
Proof. exact (sum_Sn u n). Qed.

Lemma sum_exchanged (u : nat -> nat -> R) (m n : nat) :
  sum_n (fun i => sum_n (u i) n) m = sum_n (fun j => sum_n (fun i => u i j) m) n.
Proof. exact (sum_n_switch u m n). Qed.

(* A sequence with one member replaced, and a sum of which one term has changed. *)
Definition put1 (a : nat -> R) (p : nat) (t : R) (i : nat) : R :=
  if Nat.eqb i p then t else a i.

Lemma sum_changed (u v : nat -> R) (n q : nat) (d : R) :
  (q <= n)%nat -> (forall i, i <> q -> u i = v i) -> u q = v q + d ->
  sum_n u n = sum_n v n + d.
Proof.
  intros Hq H E; induction n as [|n IH].
  - assert (q = 0)%nat by lia; subst q; rewrite !sum_O; exact E.
  - rewrite !sum_next; destruct (Nat.eq_dec q (S n)) as [->|Hn].
    + rewrite (sum_equal_up_to u v) by (intros i Hi; apply H; lia); rewrite E; apply eq_sym, Rplus_assoc.
    + rewrite IH by lia; rewrite (H (S n)) by lia.
      change (@eq R (sum_n v n + d + v (S n)) (sum_n v n + v (S n) + d)); ring.
Qed.
