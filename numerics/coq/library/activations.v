(* Activations and their derivatives: sigma' = sigma (1 - sigma), softplus' = sigma,
   tanh' = 1 - tanh^2. *)
From Coq Require Import Reals Lra.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

Definition sigmoid (x : R) : R := / (1 + exp (- x)).
Definition softplus (x : R) : R := ln (1 + exp x).

Lemma sigmoid_is_derive (x : R) : is_derive sigmoid x (sigmoid x * (1 - sigmoid x)).
Proof.
  unfold sigmoid; pose proof (exp_pos (- x)).
  auto_derive; [lra | field; lra].
Qed.

Lemma softplus_is_derive (x : R) : is_derive softplus x (sigmoid x).
Proof.
  unfold softplus, sigmoid; pose proof (exp_pos x).
  auto_derive; [lra | rewrite exp_Ropp; field; lra].
Qed.

Lemma tanh_is_derive (x : R) : is_derive tanh x (1 - tanh x ^ 2).
Proof.
  unfold tanh, sinh, cosh; pose proof (exp_pos x); pose proof (exp_pos (- x)).
  auto_derive; [lra | field; lra].
Qed.

Lemma sigmoid_opposite (x : R) : 1 - sigmoid x = sigmoid (- x).
Proof.
  unfold sigmoid; rewrite Ropp_involutive, exp_Ropp; pose proof (exp_pos x).
  field; lra.
Qed.

Lemma tanh_as_sigmoid (x : R) : tanh x = 2 * sigmoid (2 * x) - 1.
Proof.
  unfold tanh, sinh, cosh, sigmoid; pose proof (exp_pos x).
  replace (- (2 * x)) with (- x + - x) by ring.
  rewrite exp_plus, exp_Ropp.
  field; repeat split; nra.
Qed.

Lemma sigmoid_ex_derive (x : R) : ex_derive sigmoid x.
Proof. eexists; apply sigmoid_is_derive. Qed.
Lemma softplus_ex_derive (x : R) : ex_derive softplus x.
Proof. eexists; apply softplus_is_derive. Qed.
Lemma tanh_ex_derive (x : R) : ex_derive tanh x.
Proof. eexists; apply tanh_is_derive. Qed.

Lemma sigmoid_Derive (x : R) : Derive sigmoid x = sigmoid x * (1 - sigmoid x).
Proof. apply is_derive_unique, sigmoid_is_derive. Qed.
Lemma softplus_Derive (x : R) : Derive softplus x = sigmoid x.
Proof. apply is_derive_unique, softplus_is_derive. Qed.
Lemma tanh_Derive (x : R) : Derive tanh x = 1 - tanh x ^ 2.
Proof. apply is_derive_unique, tanh_is_derive. Qed.

(* Softmax: e^(a - log b) = e^a / b. *)
Lemma exp_minus_ln (a b : R) : 0 < b -> exp (a - ln b) = exp a / b.
Proof.
  intros; unfold Rminus; rewrite exp_plus, exp_Ropp, exp_ln by assumption; reflexivity.
Qed.
